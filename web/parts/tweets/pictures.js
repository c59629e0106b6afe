// The pictures of a tweet: up to four beside each other, and one of them large in a dialog.
import { html } from '../html.js';
import { useEffect, useMemo, useRef, useState } from '../../vendor/hooks.js';
import { pixelsOf } from '../../text/blurhash.js';
import { words } from '../../words.js';
import { laterPart } from '../frame/later.js';
import { Icon } from '../icon.js';

const BLUR_SIDE = 16;
/** Percents of the window's height that a large picture takes at most. */
const MOST_WINDOW = 70;
const Gallery = laterPart(() => import('./gallery.js'), 'Gallery');

/** Of sensitive ones only the colours are there till somebody asks. `mayOpen`: whether there may be buttons. */
export function Pictures({ media, isSensitive = false, mayOpen = true }) {
  const [open, setOpen] = useState(null);
  const [isUncovered, uncover] = useState(false);
  if (!media?.length) return null;
  if (isSensitive && !isUncovered) return html`<${Cover} media=${media} onClick=${mayOpen ? () => uncover(true) : null} />`;
  return html`<div class=${`pictures of-${media.length}`}>
    ${media.map((picture, place) => html`<${Room} key=${picture.id} picture=${picture} place=${place} count=${media.length} onOpen=${mayOpen ? () => setOpen(place) : null} />`)}
    ${media[open] && html`<${Gallery} media=${media} place=${open} onPlace=${setOpen} onClose=${() => setOpen(null)} />`}
  </div>`;
}

function Room({ picture, place, count, onOpen }) {
  // It keeps its first shape, so that nothing moves when a picture is ready that was being prepared.
  const shape = useMemo(() => shapeOf(picture, count), [picture.id, count]);
  const shown = html`<${Shown} picture=${picture} size="SMALL" />`;
  if (!onOpen) return html`<span class="picture" style=${shape}>${shown}</span>`;
  return html`<button type="button" class="picture" style=${shape} aria-label=${words.pictures.open(picture.altText, place + 1, count)}
    disabled=${picture.state !== 'READY'} onClick=${onOpen}>${shown}</button>`;
}

function Cover({ media, onClick }) {
  return html`<div class=${`pictures covered of-${media.length}`}>
    ${media.map((picture) => html`<div key=${picture.id} class="picture" style=${shapeOf(picture, media.length)}><${Blur} hash=${picture.blurhash} /></div>`)}
    <p class="cover"><${Icon} name="eye" />${words.pictures.sensitive} ${onClick && html`<button type="button" aria-label=${words.pictures.uncover} onClick=${onClick}>${words.tweet.reveal}</button>`}</p>
  </div>`;
}

// Its room is kept, so that nothing moves when the picture comes.
function shapeOf({ width, height }, count) {
  return count === 1 && width ? { aspectRatio: `${width} / ${Math.min(height, 1.5 * width)}` } : {};
}

/** A picture in its room, by one of its variants; `isWhole`: it makes its own room, as large as the window lets it. */
export function Shown({ picture, size, isWhole = false }) {
  const variant = picture.variants.find((one) => one.size === size);
  if (picture.state === 'FAILED') return html`<span class="calm">${picture.failure ?? words.pictures.failed}</span>`;
  return html`<${Blur} hash=${picture.blurhash} />
    ${variant
      ? html`<img src=${variant.url} width=${variant.width} height=${variant.height} alt=${picture.altText ?? ''} style=${isWhole ? roomOf(variant) : {}} draggable=${false} loading=${isWhole ? 'eager' : 'lazy'} decoding="async" />`
      : html`<span class="calm" role="status">${words.pictures.processing}</span>`}`;
}

// Known before anything of it has come.
function roomOf({ width, height }) {
  return { width: `min(100%, ${width}px, ${(MOST_WINDOW * width) / height}vh)` };
}

function Blur({ hash }) {
  const canvas = useRef(null);
  useEffect(() => {
    const pixels = pixelsOf(hash, BLUR_SIDE, BLUR_SIDE);
    if (pixels) canvas.current.getContext('2d').putImageData(new ImageData(pixels, BLUR_SIDE, BLUR_SIDE), 0, 0);
  }, [hash]);
  return html`<canvas ref=${canvas} class="blur" width=${BLUR_SIDE} height=${BLUR_SIDE} aria-hidden="true" />`;
}
