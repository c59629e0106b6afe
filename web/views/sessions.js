// Where somebody is signed in, and how to end that.
import { html } from '../parts/html.js';
import { LOGOUT } from '../api/documents/signing.js';
import { usePage } from '../parts/context.js';
import { Confirm } from '../parts/dialog.js';
import { Moment } from '../parts/moment.js';
import { useState } from '../vendor/hooks.js';
import { words } from '../words.js';
import { settingsWords } from '../words/settings.js';

export function Sessions({ viewer, change }) {
  const { desk, session } = usePage();
  const [isAsking, ask] = useState(false);
  const others = viewer.sessions.filter(({ isCurrent }) => !isCurrent);
  const end = async (ended) => {
    try {
      for (const { id } of ended) await desk.api.act(LOGOUT, { id });
      if (ended.some(({ isCurrent }) => isCurrent)) {
        desk.drafts.forget();
        session.end();
      } else change({ sessions: viewer.sessions.filter((one) => !ended.includes(one)) });
    } catch (error) {
      desk.toasts.failed(error);
    }
  };
  return html`<p class="lead">${settingsWords.sessionsHint}</p>
    <ul class="sessions">${viewer.sessions.map((one) => html`<li key=${one.id}>
      <div><b>${words.devices[one.device]}</b> ${one.isCurrent && html`<span class="tag">${settingsWords.thisOne}</span>`}
        <small>${settingsWords.began} <${Moment} at=${one.createdAt} /> · ${settingsWords.used} <${Moment} at=${one.lastUsedAt} /></small></div>
      <button type="button" onClick=${() => end([one])}>${one.isCurrent ? words.nav.signOut : settingsWords.endSession}</button>
    </li>`)}</ul>
    ${others.length > 0 && html`<p><button type="button" class="bad" onClick=${() => ask(true)}>${settingsWords.endOthers}</button></p>`}
    ${isAsking && html`<${Confirm} title=${settingsWords.endOthersTitle} text=${settingsWords.endOthersText(others.length)} label=${settingsWords.endOthers}
      onClose=${() => ask(false)} onYes=${() => end(others)} />`}`;
}
