// Hashtags that are talked about.
import { html } from '../html.js';
import { useEffect } from '../../vendor/hooks.js';
import { paths } from '../../router.js';
import { useCell } from '../../store/cell.js';
import { words } from '../../words.js';
import { useDesk } from '../context.js';
import { short } from '../moment.js';

export function Trends({ isBig = false }) {
  const desk = useDesk();
  const { trends, state } = useCell(desk.trends.cell);
  useEffect(() => desk.trends.watch(), [desk]);
  if (state !== 'ready' || !trends.length) {
    return isBig && state !== 'loading' ? html`<p class="calm">${words.trends.none}</p>` : null;
  }
  return html`<section class="box" aria-labelledby="trends-title">
    <h2 id="trends-title">${words.trends.title}</h2>
    <ol class="trends">${trends.slice(0, isBig ? 10 : 5).map((trend, place) => html`<li key=${trend.hashtag.id}>
      <a href=${paths.hashtag(trend.hashtag.name)}><span class="place" aria-hidden="true">${place + 1}</span>
        <span><b>#${trend.hashtag.name}</b><small>${words.trends.figures(short(trend.tweetCount), trend.tweetCount, short(trend.accountCount), trend.accountCount)}</small></span></a>
    </li>`)}</ol>
  </section>`;
}
