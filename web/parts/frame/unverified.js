// The banner of who has not confirmed their e-mail address yet.
import { html } from '../html.js';
import { RESEND } from '../../api/documents/credentials.js';
import { useState } from '../../vendor/hooks.js';
import { useCell } from '../../store/cell.js';
import { hasMail, useDesk } from '../context.js';
import { credentialWords } from '../../words/credentials.js';

export function Unverified() {
  const desk = useDesk();
  const account = useCell(desk.account);
  const [isSent, setSent] = useState(false);
  if (!account || account.isEmailVerified || !hasMail()) return null;
  const resend = async () => {
    setSent(true);
    try {
      await desk.api.act(RESEND);
      desk.toasts.say(credentialWords.sentAgain);
    } catch (error) {
      setSent(false);
      desk.toasts.failed(error);
    }
  };
  return html`<aside class="unverified" aria-label=${credentialWords.bannerLabel}>
    <p>${credentialWords.banner(account.pendingEmail ?? account.email)}</p>
    <button type="button" onClick=${resend} disabled=${isSent}>${credentialWords.sendAgain}</button>
  </aside>`;
}
