// A person's picture, or a bird that is drawn from the handle.
import { html } from '../html.js';

const SKIES = [
  ['#f6d9b8', '#e79b6b'], ['#cfe3f5', '#7fa8d9'], ['#e7d6f0', '#a583c9'], ['#d6ecd9', '#76b08a'],
  ['#f8e3c9', '#d9a441'], ['#f3d0d3', '#cf7886'], ['#d3ecec', '#5da6a8'], ['#dfe0f3', '#7c82c4'],
];
const FEATHERS = ['#222b42', '#3b2f3f', '#21403f', '#4a3327', '#2f3c5c', '#40313a'];
const BEAKS = ['#f1b44c', '#e98a58', '#e7e1d3', '#c9cfdc'];
const CRESTS = [
  '', 'M24 14c-1-4 1-7 5-8-1 3 0 5 2 7z', 'M22 15c-3-3-3-6-1-9 1 3 3 5 6 6zM27 12c-1-3 0-6 3-8 0 3 1 5 3 7z',
  'M20 17c-4-1-6-4-6-7 3 2 6 3 9 3z',
];

export function Avatar({ person, size = 44 }) {
  if (person.avatarUrl) return html`<img class="avatar" src=${person.avatarUrl} width=${size} height=${size} alt="" loading="lazy" decoding="async" />`;
  return html`<${Bird} person=${person} size=${size} />`;
}

function Bird({ person, size }) {
  const seed = hash(person.handle.toLowerCase());
  const [light, dark] = pick(SKIES, seed);
  const feathers = pick(FEATHERS, seed >>> 4);
  const beak = pick(BEAKS, seed >>> 8);
  return html`<svg class="avatar" viewBox="0 0 48 48" width=${size} height=${size} aria-hidden="true" focusable="false"
    style=${{ background: `linear-gradient(160deg, ${light}, ${dark})` }}>
    <g transform=${seed & 4096 ? undefined : 'translate(48 0) scale(-1 1)'}>
      <path fill=${feathers} d="M8 50c0-9 4-13 6-19 2-9 7-16 15-16 7 0 12 5 12 11 0 4-1 6-1 10 0 5 3 9 4 14z" />
      <path fill=${feathers} d=${pick(CRESTS, seed >>> 14)} />
      <path fill=${beak} d=${seed & 65536 ? 'M17 25 5 30c4 3 9 3 13 1z' : 'M17 24 3 27c4 4 10 6 15 4z'} />
      <path fill="#fff" opacity="0.1" d="M22 50c0-8 4-14 11-17 5 2 7 9 8 17z" />
      <circle cx="24" cy="24" r="3.4" fill="#fdfaf2" /><circle cx="23.4" cy="24" r="1.7" fill="#11151f" />
    </g>
  </svg>`;
}

function pick(list, number) {
  return list[number % list.length];
}

function hash(text) {
  let value = 2166136261;
  for (const char of text) value = Math.imul(value ^ char.codePointAt(0), 16777619) >>> 0;
  value = Math.imul(value ^ (value >>> 15), 2246822519) >>> 0;
  return (value ^ (value >>> 13)) >>> 0;
}
