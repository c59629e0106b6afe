// What lies above the page till it is closed; the browser keeps the focus inside and gives it back.
import { html } from './html.js';
import { useId, useLayoutEffect, useRef } from '../vendor/hooks.js';
import { Icon } from './icon.js';
import { words } from '../words.js';

/** `onKeyDown` hears the keys wherever the focus is inside. */
export function Dialog({ title, onClose, onKeyDown, children, className = '' }) {
  const dialog = useRef(null);
  const id = useId();
  // Before the effects of what is inside, which may want the focus.
  useLayoutEffect(() => {
    dialog.current.showModal();
    return () => dialog.current?.close();
  }, []);
  const outside = (event) => event.target === dialog.current && onClose();
  return html`<dialog ref=${dialog} class=${className} aria-labelledby=${id} onCancel=${(event) => (event.preventDefault(), onClose())}
    onPointerDown=${outside} onKeyDown=${onKeyDown}>
    <div class="dialog-inside">
      <header><h2 id=${id}>${title}</h2>
        <button type="button" class="round" aria-label=${words.acts.close} onClick=${onClose}><${Icon} name="close" /></button>
      </header>
      ${children}
    </div>
  </dialog>`;
}

/** `onYes` is called before `onClose`. */
export function Confirm({ title, text, label, onYes, onClose }) {
  return html`<${Dialog} title=${title} onClose=${onClose} className="small">
    <p>${text}</p>
    <footer class="buttons">
      <button type="button" class="quiet" onClick=${onClose}>${words.acts.cancel}</button>
      <button type="button" class="primary bad" onClick=${() => (onYes(), onClose())}>${label}</button>
    </footer>
  <//>`;
}
