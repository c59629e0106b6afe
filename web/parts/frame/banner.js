// Says that an address is not confirmed yet, and sends the mail once more.
import { html } from '../html.js';
import { RESEND } from '../../api/documents/credentials.js';
import { useState } from '../../vendor/hooks.js';
import { credentialWords } from '../../words/credentials.js';
import { useDesk } from '../context.js';

export function Banner({ address }) {
  const desk = useDesk();
  const [isSent, setSent] = useState(false);
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
    <p>${credentialWords.banner(address)}</p>
    <button type="button" onClick=${resend} disabled=${isSent}>${credentialWords.sendAgain}</button>
  </aside>`;
}
