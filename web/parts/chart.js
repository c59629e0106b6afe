// Charts, drawn as SVG; what they show stands in a table or a label for who does not see them.
import { html } from './html.js';

/** One bar for each value. */
export function Bars({ values, label, height = 48 }) {
  const most = Math.max(...values, 1);
  const width = 6;
  return html`<svg class="bars" viewBox=${`0 0 ${values.length * (width + 2)} ${height}`} preserveAspectRatio="none" role="img" aria-label=${label}>
    ${values.map((value, place) => {
      const tall = Math.max((value / most) * (height - 2), value ? 3 : 1);
      return html`<rect key=${place} class=${value ? '' : 'none'} x=${place * (width + 2)} y=${height - tall} width=${width} height=${tall} rx="1.5" />`;
    })}
  </svg>`;
}

const WIDE = 560;
const TALL = 200;
const LEFT = 44;
const BOTTOM = 24;

/** Impressions as bars and clicks as dots over days; `days` are {day, impressions, clicks}. */
export function DaysChart({ days, label, format }) {
  const most = niceMost(Math.max(...days.map(({ impressions }) => impressions), 4));
  const step = (WIDE - LEFT - 8) / days.length;
  const x = (place) => LEFT + (place + 0.5) * step;
  const y = (value) => 8 + (TALL - BOTTOM - 8) * (1 - value / most);
  const mostClicks = niceMost(Math.max(...days.map(({ clicks }) => clicks), 1));
  const yClicks = (value) => 8 + (TALL - BOTTOM - 8) * (1 - value / mostClicks / 1.15);
  const line = days.map(({ clicks }, place) => `${place ? 'L' : 'M'}${x(place).toFixed(1)} ${yClicks(clicks).toFixed(1)}`).join('');
  const every = Math.ceil(days.length / 7);
  const wide = Math.min(step * 0.62, 44);
  return html`<svg class="days-chart" viewBox=${`0 0 ${WIDE} ${TALL}`} role="img" aria-label=${label}>
    ${[0, 0.5, 1].map((part) => html`<g key=${part}>
      <line x1=${LEFT} x2=${WIDE} y1=${y(part * most)} y2=${y(part * most)} />
      <text x=${LEFT - 8} y=${y(part * most) + 4} text-anchor="end">${format(part * most)}</text></g>`)}
    ${days.map(({ day, impressions }, place) => html`<g key=${day}>
      <rect x=${x(place) - wide / 2} y=${y(impressions)} width=${wide} height=${Math.max(y(0) - y(impressions), 0)} rx="3" />
      ${place % every === 0 && html`<text x=${x(place)} y=${TALL - 6} text-anchor="middle">${shortDay(day)}</text>`}</g>`)}
    <path class="clicks" d=${line} />
    ${days.map(({ day, clicks }, place) => html`<circle key=${day} class="clicks" cx=${x(place)} cy=${yClicks(clicks)} r="3.5" />`)}
  </svg>`;
}

function niceMost(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 10].map((factor) => factor * power).find((nice) => nice >= value);
}

function shortDay(day) {
  return new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));
}
