// The drawings on buttons: strokes on a field of 24 by 24, hidden from screen readers, which hear the button's name.
import { html } from './html.js';

const DRAWINGS = {
  home: 'M4 11.2 12 4.5l8 6.7V19a1 1 0 0 1-1 1h-4.2v-5.2H9.2V20H5a1 1 0 0 1-1-1z',
  explore: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.4 15.4 20 20',
  bell: 'M12 4a5.5 5.5 0 0 1 5.5 5.5c0 4 1.5 5.5 2 6.5h-15c.5-1 2-2.5 2-6.5A5.5 5.5 0 0 1 12 4zM10 19.2a2.1 2.1 0 0 0 4 0',
  bookmark: 'M7 4.5h10V20l-5-3.8L7 20z',
  person: 'M12 4.5a3.7 3.7 0 1 1 0 7.4 3.7 3.7 0 0 1 0-7.4zM4.8 20c.6-3.6 3.5-5.4 7.2-5.4s6.6 1.8 7.2 5.4',
  people: 'M9 5.500a3.2 3.2 0 1 1 0 6.4 3.2 3.2 0 0 1 0-6.400zM3 19c.5-3 2.8-4.5 6-4.500s5.5 1.5 6 4.500M15.5 5.800a3 3 0 0 1 0 5.700M17.5 14.700c2 .5 3.2 1.9 3.5 4.3',
  gear: 'M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM12 3.500v2.700M12 17.800v2.700M3.5 12h2.700M17.8 12h2.700M6 6l1.9 1.900M16.1 16.1 18 18M18 6l-1.9 1.900M7.9 16.1 6 18',
  feather: 'M4.5 19.5 13 11M19.5 4.500c-6-.8-11 2-12.3 7.300L6.5 17.500l5.7-.7c5.3-1.3 8.1-6.3 7.3-12.300zM9.5 14.500h5.2',
  reply: 'M12 4.800c4.6 0 8.2 3 8.2 6.900s-3.6 6.9-8.2 6.900c-1 0-2-.1-2.9-.4L5 20l.7-3.700c-1.2-1.2-1.9-2.8-1.9-4.6 0-3.9 3.6-6.9 8.2-6.900z',
  retweet: 'M4 8.5 7.2 5.300l3.2 3.200M7.2 5.800v9a2.5 2.5 0 0 0 2.5 2.500h3.600M20 15.500l-3.2 3.2-3.2-3.200M16.8 18.200v-9a2.5 2.5 0 0 0-2.5-2.500h-3.6',
  heart: 'M12 19.500C6.5 15.5 4 12.7 4 9.400A4.2 4.2 0 0 1 8.2 5.200c1.6 0 3 .8 3.8 2.2.8-1.4 2.2-2.2 3.8-2.200A4.2 4.2 0 0 1 20 9.400c0 3.3-2.5 6.1-8 10.100z',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  trash: 'M5 7h14M10 7V4.500h4V7M7 7l.8 12.500h8.400L17 7M10.3 10.500v5.500M13.7 10.500v5.5',
  close: 'M6 6l12 12M18 6 6 18',
  back: 'M19 12H5M11 6l-6 6 6 6',
  lock: 'M6.5 11h11v8.500h-11zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  check: 'M5 12.5 10 17 19 7.5',
  chart: 'M4.5 4.500v15h15M8.5 15.500v-4M12.5 15.500v-8M16.5 15.500v-6',
  megaphone: 'M4 10v4h3l8 4V6L7 10zM18 9.500a3.5 3.5 0 0 1 0 5M8.5 14.5 10 19h2',
  sparkles: 'M11 4.500c.7 4 2.3 5.8 6.5 6.5-4.2.7-5.8 2.5-6.5 6.5-.7-4-2.3-5.8-6.5-6.500C8.7 10.3 10.3 8.5 11 4.500zM18 15.500c.3 1.7.9 2.3 2.5 2.5-1.6.3-2.2.9-2.5 2.5-.3-1.6-.9-2.2-2.5-2.5 1.6-.2 2.2-.8 2.5-2.500z',
  clock: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 7.500V12l3 2',
  hash: 'M9.5 4.5 8 19.500M16 4.500l-1.5 15M5 9h15M4 15h15',
  code: 'M8.5 7.5 4 12l4.5 4.500M15.5 7.5 20 12l-4.5 4.500M13.5 5l-3 14',
  link: 'M10 14a3.5 3.5 0 0 0 5 0l3-3a3.5 3.5 0 0 0-5-5l-1 1M14 10a3.5 3.5 0 0 0-5 0l-3 3a3.5 3.5 0 0 0 5 5l1-1',
  picture: 'M5 5.500h14v13H5zM5 15.500l4-4 3.5 3.500 2.500-2.500 4 4M15.5 9.500h.01',
  quote: 'M5 18.500V7.500A1.5 1.5 0 0 1 6.5 6h11A1.5 1.5 0 0 1 19 7.500v7a1.5 1.5 0 0 1-1.5 1.500H8.500zM9 10h6M9 12.800h4',
  mute: 'M4 10v4h3l5 4V6l-5 4zM16 10l4 4M20 10l-4 4',
  block: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM6.5 6.500l11 11',
  thumbDown: 'M7.5 14V5h8.300c.8 0 1.5.5 1.7 1.300l1.3 5c.3 1.2-.6 2.2-1.7 2.200H13l.6 3.500c.2 1.3-.7 2.2-1.6 2.500L8.5 14zM4.5 5h3v9h-3z',
  up: 'M12 19V5M6 11l6-6 6 6',
  info: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 11v5M12 8h.01',
  wave: 'M3.5 9c2-2 4-2 6 0s4 2 6 0 3.5-1.5 5-.5M3.5 15c2-2 4-2 6 0s4 2 6 0 3.5-1.5 5-.5',
  leave: 'M10 5H6v14h4M10 12h10M16 8l4 4-4 4',
  calendar: 'M5 6.500h14v13H5zM5 10.500h14M9 4v4M15 4v4',
};
const FILLED = new Set(['heart', 'bookmark', 'home', 'bell', 'person']);

export function Icon({ name, size = 20, isFilled = false }) {
  return html`<svg
    class="icon" viewBox="0 0 24 24" width=${size} height=${size} aria-hidden="true" focusable="false"
    fill=${isFilled && FILLED.has(name) ? 'currentColor' : 'none'}
    stroke="currentColor" stroke-width=${name === 'more' ? 2.6 : 1.75} stroke-linecap="round" stroke-linejoin="round"
  ><path d=${DRAWINGS[name]} /></svg>`;
}

/** The mark behind the name of somebody for whom the operator vouches. */
export function Verified({ label }) {
  return html`<svg class="verified" viewBox="0 0 24 24" width="18" height="18" role="img" aria-label=${label}>
    <path fill="currentColor" d="M12 2.8 14.5 5l3.3-.2.6 3.2 2.8 1.7-1.3 3 1.3 3-2.8 1.7-.6 3.2-3.3-.2L12 22.600l-2.5-2.2-3.3.2-.6-3.2-2.8-1.7 1.3-3-1.3-3L5.6 8l.6-3.2 3.3.2z" />
    <path fill="none" stroke="var(--card)" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" d="m8.3 12.8 2.6 2.5 4.8-5" />
  </svg>`;
}
