// The choice of one's picture: a square of the file, moved and enlarged by hand, is what is uploaded.
import { html } from '../html.js';
import { useEffect, useRef, useState } from '../../vendor/hooks.js';
import { Pictures, KINDS } from '../../store/pictures.js';
import { untilReady } from '../../store/uploads.js';
import { words } from '../../words.js';
import { Dialog } from '../dialog.js';
import { useDesk } from '../context.js';

const QUALITY = 0.9;
const STEP = 0.05;

/** `shape` is {width, height} in pixels of what is uploaded; `onChosen` gets the id of the READY picture, or null. */
export function Portrait({ label, current, shape, onChosen }) {
  const field = useRef(null);
  const [file, setFile] = useState(null);
  const chosen = ({ currentTarget }) => {
    setFile(currentTarget.files[0] ?? null);
    currentTarget.value = '';
  };
  return html`<div class="portrait"><span>${label}</span>
    ${current && html`<img src=${current} alt="" style=${{ aspectRatio: `${shape.width} / ${shape.height}` }} />`}
    <div class="buttons">
      <button type="button" onClick=${() => field.current.click()}>${words.pictures.choose}</button>
      ${current && html`<button type="button" class="quiet" onClick=${() => onChosen(null)}>${words.pictures.none}</button>`}
      <input ref=${field} type="file" accept=${KINDS} aria-label=${label} hidden onChange=${chosen} />
    </div>
    ${file && html`<${Crop} file=${file} shape=${shape} onClose=${() => setFile(null)} onChosen=${onChosen} />`}
  </div>`;
}

function Crop({ file, shape, onClose, onChosen }) {
  const desk = useDesk();
  const canvas = useRef(null);
  const [bitmap, setBitmap] = useState(null);
  const [view, setView] = useState({ zoom: 1, x: 0.5, y: 0.5 });
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    createImageBitmap(file).then(setBitmap, (error) => (desk.toasts.failed(error), onClose()));
  }, [file]);
  useEffect(() => {
    if (!bitmap) return;
    const context = canvas.current.getContext('2d');
    // What is transparent would become black.
    context.fillStyle = 'white';
    context.fillRect(0, 0, shape.width, shape.height);
    context.drawImage(bitmap, ...partOf(bitmap, shape, view), 0, 0, shape.width, shape.height);
  }, [bitmap, view]);
  const moved = (event) => {
    if (!event.buttons || !bitmap) return;
    const { width, height } = canvas.current.getBoundingClientRect();
    setView({ ...view, x: inside(view.x - event.movementX / width), y: inside(view.y - event.movementY / height) });
  };
  const onKeyDown = ({ key }) => {
    const [across, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] ?? [0, 0];
    setView({ ...view, x: inside(view.x + across * STEP), y: inside(view.y + down * STEP) });
  };
  const done = async () => {
    setBusy(true);
    try {
      onChosen(await uploaded(desk.api, canvas.current));
      onClose();
    } catch (error) {
      desk.toasts.failed(error);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${words.pictures.crop} onClose=${onClose} className="small">
    <canvas ref=${canvas} class="crop" width=${shape.width} height=${shape.height} tabindex="0" role="img" aria-label=${words.pictures.part} onPointerMove=${moved} onKeyDown=${onKeyDown} />
    <label>${words.pictures.size} <input type="range" min="1" max="4" step="0.05" value=${view.zoom}
      onInput=${({ currentTarget }) => setView({ ...view, zoom: Number(currentTarget.value) })} /></label>
    <footer class="buttons">
      <button type="button" class="quiet" onClick=${onClose}>${words.acts.cancel}</button>
      <button type="button" class="primary" disabled=${!bitmap || isBusy} onClick=${done}>${words.acts.save}</button>
    </footer>
  <//>`;
}

function inside(value) {
  return Math.min(Math.max(value, 0), 1);
}

/** The part of the bitmap that fills the shape: x, y, width, height. */
function partOf(bitmap, shape, { zoom, x, y }) {
  const scale = Math.min(bitmap.width / shape.width, bitmap.height / shape.height) / zoom;
  const [width, height] = [shape.width * scale, shape.height * scale];
  return [(bitmap.width - width) * x, (bitmap.height - height) * y, width, height];
}

async function uploaded(api, canvas) {
  const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', QUALITY); });
  const pictures = new Pictures(api, { most: 1 });
  pictures.add([new File([blob], 'portrait.jpg', { type: 'image/jpeg' })]);
  const [{ id, error }] = await sent(pictures);
  if (error) throw new Error(error);
  await untilReady(api, id);
  return id;
}

function sent(pictures) {
  return new Promise((resolve) => {
    const look = (chosen) => chosen.every(({ id, error }) => id || error) && resolve(chosen);
    pictures.cell.watch(look);
    look(pictures.cell.value);
  });
}
