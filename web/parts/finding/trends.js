// Hashtags that are talked about: as a list, and to be followed in one tap.
import { html } from '../html.js';
import { FOLLOW_HASHTAG, UNFOLLOW_HASHTAG } from '../../api/documents/finding.js';
import { useEffect, useState } from '../../vendor/hooks.js';
import { paths } from '../../router.js';
import { useCell } from '../../store/cell.js';
import { words } from '../../words.js';
import { useDesk } from '../context.js';
import { Icon } from '../icon.js';
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

/** What trends, as buttons that follow and unfollow; nothing where nothing does. */
export function TrendChips({ title, most = 6 }) {
  const desk = useDesk();
  const { trends } = useCell(desk.trends.cell);
  const [followed, setFollowed] = useState([]);
  useEffect(() => desk.trends.watch(), [desk]);
  if (!trends.length) return null;
  const turn = async (name, isOn) => {
    const before = followed;
    setFollowed(isOn ? [...followed, name] : followed.filter((one) => one !== name));
    try {
      await desk.api.act(isOn ? FOLLOW_HASHTAG : UNFOLLOW_HASHTAG, { name });
    } catch (error) {
      setFollowed(before);
      desk.toasts.failed(error);
    }
  };
  return html`<h3>${title}</h3>
    <div class="tag-chips">${trends.slice(0, most).map(({ hashtag: { id, name } }) => {
      const isOn = followed.includes(name);
      return html`<button type="button" key=${id} class=${isOn ? 'on' : ''} aria-pressed=${isOn} aria-label=${words.hashtag.followName(name)} onClick=${() => turn(name, !isOn)}>
        <${Icon} name=${isOn ? 'check' : 'hash'} size=${16} />${name}</button>`;
    })}</div>`;
}
