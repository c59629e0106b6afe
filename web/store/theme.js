// Light, dark, or as the system has it; kept in this browser.
import { Cell } from './cell.js';

const KEY = 'rookery.theme';
const COLOURS = { light: '#f4f1e9', dark: '#11151f' };

export const THEMES = ['system', 'light', 'dark'];
export const theme = new Cell(null);

export function choose(name) {
  localStorage.setItem(KEY, name);
  show(name);
}

/** Shows what was chosen, here or in another tab. */
export function startTheme() {
  show(localStorage.getItem(KEY));
  addEventListener('storage', (event) => event.key === KEY && show(event.newValue));
}

function show(kept) {
  const name = THEMES.includes(kept) ? kept : 'system';
  document.documentElement.dataset.theme = name;
  for (const meta of document.querySelectorAll('meta[name=theme-color]')) {
    meta.content = COLOURS[name] ?? COLOURS[meta.media.includes('dark') ? 'dark' : 'light'];
  }
  theme.set(name);
}
