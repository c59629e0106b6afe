// Pictures beside the field in which a tweet is written: chosen, pasted or dropped, each with its progress and description.
import { html } from '../html.js';
import { useRef } from '../../vendor/hooks.js';
import { useCell } from '../../store/cell.js';
import { KINDS } from '../../store/pictures.js';
import { words } from '../../words.js';
import { Icon } from '../icon.js';

/** What a field takes in: `onPaste`, `onDrop` and `onDragOver` for its element. */
export function taking(pictures) {
  const take = (event, files) => pictures.add(files) && event.preventDefault();
  return {
    onPaste: (event) => take(event, event.clipboardData.files),
    onDrop: (event) => take(event, event.dataTransfer.files),
    onDragOver: (event) => event.dataTransfer.types.includes('Files') && event.preventDefault(),
  };
}

export function PictureButton({ pictures }) {
  const field = useRef(null);
  const isFull = useCell(pictures.cell).length >= pictures.most;
  const chosen = ({ currentTarget }) => {
    pictures.add(currentTarget.files);
    currentTarget.value = '';
  };
  return html`<button type="button" class="round" disabled=${isFull} aria-label=${words.pictures.add} onClick=${() => field.current.click()}><${Icon} name="picture" /></button>
    <input ref=${field} type="file" accept=${KINDS} multiple=${pictures.most > 1} hidden onChange=${chosen} />`;
}

export function Attachments({ pictures }) {
  const chosen = useCell(pictures.cell);
  if (!chosen.length) return null;
  return html`<ul class="attachments" aria-label=${words.pictures.chosen}>
    ${chosen.map((one) => html`<li key=${one.key}>
      ${one.preview && html`<img src=${one.preview} alt="" onLoad=${({ currentTarget }) => one.width || pictures.measure(one.key, currentTarget)} />`}
      <button type="button" class="round" aria-label=${one.id ? words.pictures.remove : words.pictures.cancel} onClick=${() => pictures.remove(one.key)}><${Icon} name="close" size=${15} /></button>
      ${one.error
        ? html`<p class="field-error" role="alert">${one.error}</p>`
        : html`${!one.id && html`<progress value=${one.progress} aria-label=${words.pictures.progress} />`}
          <input type="text" maxlength="1000" value=${one.altText} placeholder=${words.pictures.describe} aria-label=${words.pictures.describe}
            onInput=${({ currentTarget }) => pictures.write(one.key, currentTarget.value)} onChange=${() => pictures.describe(one.key)} />`}
    </li>`)}
  </ul>`;
}
