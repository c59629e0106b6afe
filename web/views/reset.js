// The way back for who lost the password: asks for a mail, or with the token of its link for a new password.
import { html } from '../parts/html.js';
import { REQUEST_RESET, RESET } from '../api/documents/credentials.js';
import { takeToken, usePage, useTitle } from '../parts/context.js';
import { Field, useForm } from '../parts/form.js';
import { Heading } from '../parts/frame/heading.js';
import { useState } from '../vendor/hooks.js';
import { credentialWords } from '../words/credentials.js';
import { welcomeWords } from '../words/welcome.js';

export function ResetView() {
  const [token] = useState(takeToken);
  useTitle(credentialWords.reset.title);
  return html`<${Heading} title=${credentialWords.reset.title} hasBack />
    <div class="settings">${token ? html`<${NewPassword} token=${token} />` : html`<${Request} />`}</div>`;
}

function Request() {
  const { desk } = usePage();
  const [isSent, setSent] = useState(false);
  const form = useForm(async ({ login }) => {
    await desk.api.act(REQUEST_RESET, { login: login.trim() });
    setSent(true);
  });
  if (isSent) return html`<p role="status">${credentialWords.reset.sent}</p>`;
  return html`<p class="lead">${credentialWords.reset.ask}</p>
    <form class="form" onSubmit=${form.submit}>
      <${Field} label=${welcomeWords.login} name="login" autocomplete="username" required error=${form.errorOf('login')} />
      ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
      <button type="submit" class="primary" disabled=${form.isBusy}>${credentialWords.reset.send}</button>
    </form>`;
}

function NewPassword({ token }) {
  const { desk, session, router } = usePage();
  const form = useForm(async ({ new: wanted }) => {
    const { tokens, viewer } = await desk.api.act(RESET, { token, new: wanted });
    session.begin(viewer.user.handle, tokens);
    router.forget();
    router.go('/', { replace: true });
  });
  return html`<form class="form" onSubmit=${form.submit}>
    <${Field} label=${credentialWords.reset.title} name="new" type="password" autocomplete="new-password" required hint=${`${welcomeWords.passwordHint}. ${credentialWords.reset.hint}`} error=${form.errorOf('new')} />
    ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
    <button type="submit" class="primary" disabled=${form.isBusy}>${credentialWords.reset.save}</button>
  </form>`;
}
