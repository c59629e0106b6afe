// A button that opens a list of acts, by mouse and by keyboard.
import { html } from './html.js';
import { useEffect, useId, useRef, useState } from '../vendor/hooks.js';
import { Icon } from './icon.js';

/** `items` are {label, icon, run, isBad} or null; `children` is what the button shows; `onOpen` is called as it opens. */
export function Menu({ label, items, children, onOpen = () => {}, className = 'act', pressed, dataAct }) {
  const [isOpen, open] = useState(false);
  const root = useRef(null);
  const id = useId();

  useEffect(() => {
    if (!isOpen) return undefined;
    onOpen();
    root.current.querySelector('[role=menuitem]')?.focus();
    const away = (event) => root.current?.contains(event.target) || open(false);
    document.addEventListener('pointerdown', away);
    return () => document.removeEventListener('pointerdown', away);
  }, [isOpen]);

  const close = () => {
    open(false);
    root.current?.querySelector('button')?.focus({ preventScroll: true });
  };
  const onKeyDown = (event) => {
    if (!isOpen) return;
    if (event.key === 'Tab') {
      open(false);
      return;
    }
    const buttons = [...root.current.querySelectorAll('[role=menuitem]')];
    const place = buttons.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) buttons[(place + step + buttons.length) % buttons.length].focus();
    else if (event.key === 'Home') buttons[0].focus();
    else if (event.key === 'End') buttons.at(-1).focus();
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return html`<div class="menu" ref=${root} onKeyDown=${onKeyDown}>
    <button type="button" class=${className} aria-haspopup="menu" aria-expanded=${isOpen} aria-controls=${isOpen ? id : undefined}
      aria-label=${label} title=${label} data-pressed=${pressed} data-act=${dataAct} onClick=${() => open(!isOpen)}>${children}</button>
    ${isOpen && html`<div class="menu-list" role="menu" id=${id} aria-label=${label}>
      ${items.filter(Boolean).map((item) => html`<button type="button" role="menuitem" tabindex="-1" key=${item.label}
        class=${item.isBad ? 'bad' : ''} onClick=${() => (close(), item.run())}>
        <${Icon} name=${item.icon} size=${18} />${item.label}</button>`)}
    </div>`}
  </div>`;
}
