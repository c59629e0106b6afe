// Hashtags that are talked about, to be followed in one tap.
import { html } from '../html.js';
import { FOLLOW_HASHTAG, UNFOLLOW_HASHTAG } from '../../api/documents/finding.js';
import { useEffect, useState } from '../../vendor/hooks.js';
import { useCell } from '../../store/cell.js';
import { searchWords } from '../../words/searches.js';
import { useDesk } from '../context.js';
import { Icon } from '../icon.js';

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
      return html`<button type="button" key=${id} class=${isOn ? 'on' : ''} aria-pressed=${isOn} aria-label=${searchWords.hashtag.followName(name)} onClick=${() => turn(name, !isOn)}>
        <${Icon} name=${isOn ? 'check' : 'hash'} size=${16} />${name}</button>`;
    })}</div>`;
}
