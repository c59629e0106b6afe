// One of the pictures of a tweet, large in a dialog; keys, buttons and swipes lead to the others.
import { html } from '../html.js';
import { useRef } from '../../vendor/hooks.js';
import { words } from '../../words.js';
import { Dialog } from '../dialog.js';
import { Icon } from '../icon.js';
import { Shown } from './pictures.js';

const SWIPE_PIXELS = 40;

export function Gallery({ media, place, onPlace, onClose }) {
  const start = useRef(0);
  const picture = media[place];
  const turn = (step) => onPlace(Math.min(Math.max(place + step, 0), media.length - 1));
  const onKeyDown = ({ key }) => turn({ ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0);
  const onPointerUp = ({ clientX }) => {
    const moved = clientX - start.current;
    if (Math.abs(moved) > SWIPE_PIXELS) turn(moved < 0 ? 1 : -1);
  };
  return html`<${Dialog} title=${words.pictures.title(place + 1, media.length)} onClose=${onClose} onKeyDown=${onKeyDown} className="gallery">
    <div class="large" onPointerDown=${({ clientX }) => { start.current = clientX; }} onPointerUp=${onPointerUp}>
      <${Shown} key=${picture.id} picture=${picture} size="LARGE" isWhole />
    </div>
    ${picture.altText && html`<p>${picture.altText}</p>`}
    ${media.length > 1 && html`<footer class="buttons">
      <button type="button" class="round" aria-label=${words.pictures.before} aria-disabled=${String(place === 0)} onClick=${() => turn(-1)}><${Icon} name="back" /></button>
      <button type="button" class="round next" aria-label=${words.pictures.next} aria-disabled=${String(place === media.length - 1)} onClick=${() => turn(1)}><${Icon} name="back" /></button>
    </footer>`}
  <//>`;
}
