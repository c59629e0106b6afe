// The colony at dusk: elms with nests, and rooks that come home.
import { html } from './html.js';

const FLYING = [
  [96, 120, 1], [150, 84, 0.8], [214, 140, 1.2], [300, 70, 0.7], [352, 118, 1], [420, 92, 0.6], [262, 190, 0.9], [470, 168, 1.1],
];
const TREES = [[40, 0.8], [210, 1.15], [395, 0.95], [540, 1.2]];

export function Rooks() {
  return html`<svg class="rooks" viewBox="0 0 600 720" preserveAspectRatio="xMidYMax slice" aria-hidden="true" focusable="false">
    <circle class="sun" cx="430" cy="420" r="86" />
    <path class="far" d="M0 560c80-40 150-48 230-30s140 10 210-18 120-18 160 0v208H0z" />
    ${FLYING.map(([x, y, size], place) => html`<path key=${place} class="rook" style=${{ '--delay': `${-place * 0.7}s` }}
      d=${`M${x - 22 * size} ${y - 6 * size}c${8 * size}-${5 * size} ${15 * size}-${2 * size} ${22 * size} ${8 * size} ${7 * size}-${10 * size} ${14 * size}-${13 * size} ${22 * size}-${8 * size}-${8 * size}-${1 * size}-${14 * size} ${4 * size}-${17 * size} ${12 * size}l-${5 * size} ${3 * size}-${5 * size}-${3 * size}c-${3 * size}-${8 * size}-${9 * size}-${13 * size}-${17 * size}-${12 * size}z`} />`)}
    ${TREES.map(([x, size]) => html`<g key=${x} class="tree" transform=${`translate(${x} 720) scale(${size})`}>
      <path d="M-7 0c2-60 1-120 5-176l-34-54M-2-120l-58-62M0-150l38-66M2-90l56-52M0-176l-4-92M-36-230l-26-34M-36-230l6-44M38-216l30-30M38-216l-4-48M-60-182l-34-14M-60-182l-8-40M58-142l38-14M58-142l10-42M-4-220l22-38M-4-220l-22-34" />
      <path class="trunk" d="M-11 0c4-60 4-110 7-176h5c2 66 4 116 11 176z" />
      <g class="nests"><circle cx="-60" cy="-188" r="9" /><circle cx="38" cy="-222" r="10" /><circle cx="-4" cy="-232" r="9" /><circle cx="60" cy="-150" r="8" /></g>
    </g>`)}
    <path class="near" d="M0 690c120-22 240-14 330-4s180 4 270-12v46H0z" />
  </svg>`;
}
