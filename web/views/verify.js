// The page of the link that confirms an e-mail address.
import { html } from '../parts/html.js';
import { VERIFY } from '../api/documents/credentials.js';
import { takeToken, usePage, useTitle } from '../parts/context.js';
import { Heading } from '../parts/frame/heading.js';
import { useEffect, useState } from '../vendor/hooks.js';
import { words } from '../words.js';
import { credentialWords } from '../words/credentials.js';

export function VerifyView() {
  const { desk } = usePage();
  const [text, say] = useState(credentialWords.verify.busy);
  useTitle(credentialWords.verify.title);
  useEffect(() => {
    const token = takeToken();
    if (!token) {
      say(credentialWords.verify.none);
      return;
    }
    desk.api.act(VERIFY, { token }).then(
      () => {
        say(credentialWords.verify.done);
        if (desk.isSignedIn) desk.refreshMe();
      },
      (error) => say(words.errors.tell(error)),
    );
  }, []);
  return html`<${Heading} title=${credentialWords.verify.title} hasBack />
    <div class="settings"><p role="status">${text}</p><a class="settings-link" href="/">${credentialWords.verify.home}</a></div>`;
}
