// Short messages at the lower edge.
import { html } from '../html.js';
import { useCell } from '../../store/cell.js';
import { words } from '../../words.js';
import { usePage } from '../context.js';
import { Icon } from '../icon.js';

export function Toasts() {
  const { desk, router } = usePage();
  const toasts = useCell(desk.toasts.cell);
  const act = (toast) => {
    desk.toasts.drop(toast.id);
    if (toast.act.path) router.go(toast.act.path);
    else toast.act.run();
  };
  return html`<div class="toasts" role="status">
    ${toasts.map((toast) => html`<div class=${`toast ${toast.isBad ? 'bad' : ''}`} key=${toast.id}
      onPointerEnter=${() => desk.toasts.stay(toast.id)} onPointerLeave=${() => desk.toasts.goLater(toast.id)}
      onFocusIn=${() => desk.toasts.stay(toast.id)} onFocusOut=${() => desk.toasts.goLater(toast.id)}>
      <span>${toast.text}</span>
      ${toast.act && html`<button type="button" onClick=${() => act(toast)}>${toast.act.label}</button>`}
      <button type="button" class="round" aria-label=${words.acts.close} onClick=${() => desk.toasts.drop(toast.id)}><${Icon} name="close" size=${16} /></button>
    </div>`)}
  </div>`;
}
