// Tokens for programs and for pages of somebody else: those that there are, and the making of one.
import { html } from '../parts/html.js';
import { CREATE_TOKEN, REVOKE_TOKEN, TOKENS } from '../api/documents/tokens.js';
import { useKept, usePage } from '../parts/context.js';
import { Confirm, Dialog } from '../parts/dialog.js';
import { Field, useForm } from '../parts/form.js';
import { Moment, wholeDay } from '../parts/moment.js';
import { Failed, Skeleton } from '../parts/states.js';
import { useEffect, useState } from '../vendor/hooks.js';
import { useCell } from '../store/cell.js';
import { Loaded } from '../store/loaded.js';
import { tokenWords } from '../words/tokens.js';

const DAYS = [7, 30, 90, 365];
const USUAL_DAYS = 90;

export function Tokens({ viewer }) {
  const { desk } = usePage();
  const loaded = useKept('tokens', () => new Loaded(async () => (await desk.api.ask(TOKENS)).viewer.accessTokens));
  useEffect(() => loaded.start(), [loaded]);
  const [made, show] = useState(null);
  const { value: tokens, state, error } = useCell(loaded.cell);
  const change = (value) => loaded.cell.merge({ value });
  return html`<p class="lead">${tokenWords.lead}</p>
    ${state === 'failed' && html`<${Failed} error=${error} onRetry=${() => loaded.renew()} />`}
    ${state === 'loading' && html`<${Skeleton} rows=${2} />`}
    ${state === 'ready' && html`<${TokenList} tokens=${tokens} change=${change} />`}
    <h2>${tokenWords.make}</h2>
    <${Making} handle=${viewer.user.handle} onMade=${({ accessToken, secret }) => {
      change([accessToken, ...(loaded.cell.value.value ?? [])]);
      show(secret);
    }} />
    ${made && html`<${Made} secret=${made} onClose=${() => show(null)} />`}`;
}

function TokenList({ tokens, change }) {
  const { desk } = usePage();
  const [asked, ask] = useState(null);
  const revoke = async ({ id }) => {
    try {
      await desk.api.act(REVOKE_TOKEN, { id });
      change(tokens.filter((one) => one.id !== id));
    } catch (error) {
      desk.toasts.failed(error);
    }
  };
  if (!tokens.length) return html`<p class="calm">${tokenWords.none}</p>`;
  return html`<ul class="sessions">${tokens.map((one) => html`<li key=${one.id}>
      <div><b dir="auto">${one.name}</b> ${one.scopes.map((scope) => html`<span class="tag" key=${scope}>${scope}</span> `)}
        <small>${one.origin ?? ''} ${tokenWords.until} ${wholeDay(one.expiresAt)} · ${one.lastUsedAt ? html`${tokenWords.used} <${Moment} at=${one.lastUsedAt} />` : tokenWords.unused}</small></div>
      <button type="button" onClick=${() => ask(one)}>${tokenWords.revoke}</button>
    </li>`)}</ul>
    ${asked && html`<${Confirm} title=${tokenWords.revokeTitle} text=${tokenWords.revokeText(asked.name)} label=${tokenWords.revoke}
      onClose=${() => ask(null)} onYes=${() => revoke(asked)} />`}`;
}

function Making({ handle, onMade }) {
  const { desk } = usePage();
  const form = useForm(async ({ name, origin, days, password }, element) => {
    const scopes = new FormData(element).getAll('scopes');
    const input = { name, scopes, origin: origin || null, days: Number(days), password };
    onMade(await desk.api.act(CREATE_TOKEN, { input }));
    element.reset();
  });
  const scopesError = form.errorOf('scopes');
  return html`<form class="form" onSubmit=${form.submit}>
    <input type="text" name="username" autocomplete="username" value=${handle} hidden readonly />
    <${Field} label=${tokenWords.name} name="name" maxlength="50" required error=${form.errorOf('name')} />
    <fieldset class="choices"><legend>${tokenWords.scopes}</legend>
      ${Object.entries(tokenWords.scopeNames).map(([scope, label]) => html`<label key=${scope}><input type="checkbox" name="scopes" value=${scope} />${label}</label>`)}
      ${scopesError && html`<small class="field-error" role="alert">${scopesError}</small>`}
    </fieldset>
    <${Field} label=${tokenWords.origin} name="origin" type="url" hint=${tokenWords.originHint} error=${form.errorOf('origin')} />
    <${Field} label=${tokenWords.days} name="days" type="select" error=${form.errorOf('days')}>
      ${DAYS.map((days) => html`<option key=${days} value=${days} selected=${days === USUAL_DAYS}>${tokenWords.dayCount(days)}</option>`)}
    <//>
    <${Field} label=${tokenWords.password} name="password" type="password" autocomplete="current-password" required error=${form.errorOf('password')} />
    ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
    <button type="submit" class="primary" disabled=${form.isBusy}>${tokenWords.make}</button>
  </form>`;
}

function Made({ secret, onClose }) {
  return html`<${Dialog} title=${tokenWords.made} onClose=${onClose} className="small">
    <p>${tokenWords.madeText}</p>
    <p><code class="secret">${secret}</code></p>
    <footer class="buttons">
      <button type="button" class="primary" onClick=${() => navigator.clipboard?.writeText(secret)}>${tokenWords.copy}</button>
    </footer>
  <//>`;
}
