// Why a tweet stands where it stands in TOP: the parts of its score, as bars.
import { html } from '../html.js';
import { words } from '../../words.js';
import { Icon } from '../icon.js';

export function Why({ ranking }) {
  const parts = ranking.terms
    .map(({ name, value, weight }) => ({ name, part: value * weight }))
    .filter(({ part }) => Math.abs(part) >= 0.005)
    .sort((one, other) => Math.abs(other.part) - Math.abs(one.part));
  const most = Math.max(...parts.map(({ part }) => Math.abs(part)), 0.01);
  return html`<details class="why">
    <summary><${Icon} name="sparkles" size=${16} />${words.why.title}</summary>
    <table>
      <caption>${words.why.score(ranking.score.toFixed(2))}</caption>
      <tbody>${parts.map(({ name, part }) => html`<tr key=${name}>
        <th scope="row">${words.why.term(name)}</th>
        <td><i class=${part < 0 ? 'less' : ''} style=${{ width: `${(100 * Math.abs(part)) / most}%` }} /></td>
        <td class="number">${part < 0 ? '−' : '+'}${Math.abs(part).toFixed(2)}</td></tr>`)}</tbody>
    </table>
  </details>`;
}
