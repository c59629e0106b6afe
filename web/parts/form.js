// Fields of forms, each with its label, a hint, and what the server said of it.
import { html } from './html.js';
import { useId, useState } from '../vendor/hooks.js';
import { Refusal } from '../api/errors.js';
import { words } from '../words.js';

export function Field({ label, name, hint, error, type = 'text', children, ...rest }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  const shared = { id, name, 'aria-describedby': described, 'aria-invalid': error ? 'true' : undefined, ...rest };
  return html`<div class="form-field">
    <label for=${id}>${label}</label>
    ${type === 'textarea' ? html`<textarea ...${shared} />` : type === 'select' ? html`<select ...${shared}>${children}</select>` : html`<input type=${type} ...${shared} />`}
    ${hint && html`<small id=${`${id}-hint`}>${hint}</small>`}
    ${error && html`<small class="field-error" id=${`${id}-error`}>${error}</small>`}
  </div>`;
}

export function Toggle({ label, hint, isOn, onTurn }) {
  const id = useId();
  return html`<div class="toggle">
    <div><span id=${id}>${label}</span>${hint && html`<small id=${`${id}-hint`}>${hint}</small>`}</div>
    <button type="button" role="switch" aria-checked=${isOn} aria-labelledby=${id} aria-describedby=${hint && `${id}-hint`} onClick=${() => onTurn(!isOn)}><i /></button>
  </div>`;
}

/** {isBusy, errorOf(field), message, submit}: runs `act` with the form's values, and keeps what was refused. */
export function useForm(act) {
  const [state, setState] = useState({ isBusy: false, refusal: null, message: null });
  const submit = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    setState({ isBusy: true, refusal: null, message: null });
    try {
      await act(Object.fromEntries(new FormData(form)), form);
      setState({ isBusy: false, refusal: null, message: null });
    } catch (error) {
      const refusal = error instanceof Refusal ? error : null;
      const isNamed = refusal?.userErrors.every(({ field }) => field.length && form.elements[field.at(-1)]);
      setState({ isBusy: false, refusal, message: isNamed ? null : words.errors.tell(error) });
    }
  };
  return { ...state, submit, errorOf: (field) => state.refusal?.about(field) };
}
