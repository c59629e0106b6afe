// The colony at dusk: elms with nests, and rooks that come home.
import { html } from '../html.js';

const FLYING = [
  [330, 330, 1], [382, 300, 0.8], [440, 340, 1.15], [505, 286, 0.7], [545, 322, 0.9], [470, 250, 0.55], [290, 380, 0.8], [560, 230, 0.6],
];
const TREES = [[34, 0.85, 3], [205, 1.2, 8], [392, 0.95, 5], [548, 1.3, 11]];
const NESTS_AT_DEPTH = 4;

/** Branches of a bare elm as lines, each thinner than the one it grows from, and nests in its forks; the same for a seed. */
function grown(seed) {
  let state = seed;
  const chance = () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
  const branches = [];
  const nests = [];
  const grow = (x, y, angle, length, width, depth) => {
    const endX = x + Math.cos(angle) * length;
    const endY = y + Math.sin(angle) * length;
    branches.push({ d: `M${x.toFixed(1)} ${y.toFixed(1)}L${endX.toFixed(1)} ${endY.toFixed(1)}`, width });
    if (depth === NESTS_AT_DEPTH && chance() < 0.3) nests.push({ x: endX, y: endY, size: 6 + chance() * 3.5 });
    if (depth === 7) return;
    const forks = depth < 2 ? 3 : 2;
    for (let fork = 0; fork < forks; fork += 1) {
      const turn = (fork / (forks - 1) - 0.5) * (0.85 + chance() * 0.4);
      grow(endX, endY, angle + turn + (chance() - 0.5) * 0.2, length * (0.7 + chance() * 0.12), width * 0.66, depth + 1);
    }
  };
  grow(0, 0, -Math.PI / 2, 74, 13, 0);
  return { branches, nests };
}

export function Rooks() {
  return html`<svg class="rooks" viewBox="0 0 600 720" preserveAspectRatio="xMidYMax slice" aria-hidden="true" focusable="false">
    <circle class="sun" cx="430" cy="420" r="86" />
    <path class="far" d="M0 560c80-40 150-48 230-30s140 10 210-18 120-18 160 0v208H0z" />
    ${FLYING.map(([x, y, size], place) => html`<path key=${place} class="rook" style=${{ '--delay': `${-place * 0.7}s` }}
      d=${`M${x - 22 * size} ${y - 6 * size}c${8 * size}-${5 * size} ${15 * size}-${2 * size} ${22 * size} ${8 * size} ${7 * size}-${10 * size} ${14 * size}-${13 * size} ${22 * size}-${8 * size}-${8 * size}-${1 * size}-${14 * size} ${4 * size}-${17 * size} ${12 * size}l-${5 * size} ${3 * size}-${5 * size}-${3 * size}c-${3 * size}-${8 * size}-${9 * size}-${13 * size}-${17 * size}-${12 * size}z`} />`)}
    ${TREES.map(([x, size, seed]) => {
      const { branches, nests } = grown(seed);
      return html`<g key=${x} class="tree" transform=${`translate(${x} 702) scale(${size})`}>
        ${branches.map(({ d, width }) => html`<path key=${d} d=${d} stroke-width=${width.toFixed(2)} />`)}
        ${nests.map((nest) => html`<ellipse key=${nest.x} cx=${nest.x} cy=${nest.y} rx=${nest.size * 1.25} ry=${nest.size * 0.8} />`)}
      </g>`;
    })}
    <path class="near" d="M0 690c120-22 240-14 330-4s180 4 270-12v46H0z" />
  </svg>`;
}
