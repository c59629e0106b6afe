// What stands where there is nothing, not yet anything, or where something failed.
import { html } from './html.js';
import { isAbsence } from '../api/errors.js';
import { words } from '../words.js';

export function Skeleton({ rows = 6 }) {
  return html`<div class="skeletons" role="status" aria-label=${words.states.loading}>
    ${Array.from({ length: rows }, (_, row) => html`<div class="skeleton" key=${row} aria-hidden="true">
      <i class="disc" /><div><i class="short" /><i /><i class=${row % 2 ? 'mid' : 'long'} /></div></div>`)}
  </div>`;
}

export function Empty({ title, text, children }) {
  return html`<div class="empty">
    <${Nest} />
    <h2>${title}</h2>
    <p>${text}</p>
    ${children}
  </div>`;
}

export function Failed({ error, onRetry }) {
  return html`<div class="empty failed" role="alert">
    <${Branch} />
    <h2>${error?.code === 'NETWORK' ? words.states.offlineTitle : words.states.failedTitle}</h2>
    <p>${words.errors.tell(error)}</p>
    ${onRetry && !isAbsence(error) && html`<button type="button" class="primary" onClick=${onRetry}>${words.acts.retry}</button>`}
  </div>`;
}

function Nest() {
  return html`<svg class="drawing" viewBox="0 0 160 96" width="160" height="96" aria-hidden="true">
    <path class="twig" d="M22 62c16 18 98 20 116-1M16 56c24 14 104 15 128 0M30 72c20 14 80 15 100 1M40 80c18 8 62 9 82 0M12 60l20 10M148 58l-22 14M44 84l-12 6M116 84l14 5" />
    <path class="egg" d="M62 56c0-10 5-18 11-18s11 8 11 18M82 57c0-9 5-16 10-16s10 7 10 16" />
    <path class="bird" d="M104 40c-7-1-10-6-10-12 0-7 5-12 12-12 5 0 9 3 10 8l8 3-8 2c0 6-5 11-12 11z" /><circle class="eye" cx="109" cy="25" r="1.8" />
  </svg>`;
}

function Branch() {
  return html`<svg class="drawing" viewBox="0 0 160 96" width="160" height="96" aria-hidden="true">
    <path class="twig" d="M8 70c40-4 60 2 84-8M152 52c-18 8-30 8-42 7M40 68l-8-16M66 68l10-18M128 58l8-14" />
    <path class="feather" d="M96 84c4-14 14-22 28-24-2 14-11 22-28 24zM96 84l14-13" />
  </svg>`;
}
