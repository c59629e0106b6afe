// How full a tweet is: a ring, and the number left where it gets close.
import { html } from '../html.js';
import { useEffect, useState } from '../../vendor/hooks.js';
import { words } from '../../words.js';

export const MOST = 280;
const RING = 2 * Math.PI * 9;
const SOON = 20;

/** The weight of a text as the server counts it; the tables for that are loaded once somebody begins to write. */
export function useWeight(text) {
  const [count, setCount] = useState(null);
  const isWriting = text !== '';
  useEffect(() => {
    if (isWriting) import('../../text/weight.js').then(({ weightedLength }) => setCount(() => weightedLength), () => {});
  }, [isWriting]);
  return count ? count(text) : [...text].length;
}

export function Weight({ weight }) {
  const left = MOST - weight;
  const state = left < 0 ? 'over' : left <= SOON ? 'near' : '';
  return html`<span class=${`weight ${state}`}>
    <span class="spoken" aria-live="polite">${left <= SOON ? words.compose.left(left) : ''}</span>
    ${left <= SOON && html`<b aria-hidden="true">${left}</b>`}
    <svg viewBox="0 0 24 24" width="26" height="26" role="img" aria-label=${words.compose.weight(weight, MOST)}>
      <circle cx="12" cy="12" r="9" class="track" />
      <circle cx="12" cy="12" r="9" class="filled" stroke-dasharray=${`${(Math.min(weight / MOST, 1) * RING).toFixed(2)} ${RING}`} transform="rotate(-90 12 12)" />
    </svg>
  </span>`;
}
