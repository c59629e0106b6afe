// Settings of what lets one into the account: address and handle.
import { html } from '../parts/html.js';
import { CHANGE_EMAIL, CHANGE_HANDLE } from '../api/documents/credentials.js';
import { hasMail, usePage } from '../parts/context.js';
import { Field, useForm } from '../parts/form.js';
import { isPushed, setPushed } from '../store/device.js';
import { credentialWords } from '../words/credentials.js';
import { welcomeWords } from '../words/welcome.js';

export function Address({ viewer, change }) {
  const { desk } = usePage();
  const form = useForm(async ({ email, password }, element) => {
    const { viewer: changed } = await desk.api.act(CHANGE_EMAIL, { email, password });
    change(changed);
    desk.account.set(changed);
    element.reset();
    desk.toasts.say(credentialWords.emailChanging);
  });
  if (!hasMail()) return null;
  return html`<h2>${credentialWords.email}</h2>
    ${viewer.pendingEmail && html`<p role="status">${credentialWords.emailPending(viewer.pendingEmail)}</p>`}
    <form class="form" aria-label=${credentialWords.changeEmail} onSubmit=${form.submit}>
      <${Field} label=${credentialWords.newEmail} name="email" type="email" autocomplete="email" required error=${form.errorOf('email')} />
      <${Field} label=${credentialWords.password} name="password" type="password" autocomplete="current-password" required error=${form.errorOf('password')} />
      ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
      <button type="submit" class="primary" disabled=${form.isBusy}>${credentialWords.changeEmail}</button>
    </form>`;
}

export function Handle() {
  const { desk, session } = usePage();
  const form = useForm(async ({ handle, password }) => {
    const { user } = await desk.api.act(CHANGE_HANDLE, { handle: handle.trim().replace(/^@/, ''), password });
    desk.toasts.say(credentialWords.handleChanged(user.handle));
    if (isPushed(desk.handle)) setPushed(user.handle);
    session.begin(user.handle, session.cell.value);
  });
  return html`<h2>${credentialWords.handle}</h2>
    <form class="form" aria-label=${credentialWords.changeHandle} onSubmit=${form.submit}>
      <${Field} label=${credentialWords.newHandle} name="handle" autocomplete="off" required maxlength="16" hint=${`${welcomeWords.handleHint}. ${credentialWords.handleHint}`} error=${form.errorOf('handle')} />
      <${Field} label=${credentialWords.password} name="password" type="password" autocomplete="current-password" required error=${form.errorOf('password')} />
      ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
      <button type="submit" class="primary" disabled=${form.isBusy}>${credentialWords.changeHandle}</button>
    </form>`;
}
