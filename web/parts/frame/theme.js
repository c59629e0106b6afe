// The choice between light and dark.
import { html } from '../html.js';
import { useId } from '../../vendor/hooks.js';
import { useCell } from '../../store/cell.js';
import { THEMES, choose, theme } from '../../store/theme.js';
import { words } from '../../words.js';

export function ThemeChoice() {
  const chosen = useCell(theme);
  const id = useId();
  return html`<fieldset class="themes">
    <legend>${words.theme.label}</legend>
    ${THEMES.map((name) => html`<label key=${name}><input type="radio" name=${id} value=${name} checked=${name === chosen}
      onChange=${() => choose(name)} />${words.theme.names[name]}</label>`)}
  </fieldset>`;
}
