// A report: of what, why, and what the moderators should know.
import { html } from '../html.js';
import { REPORT } from '../../api/documents/moderation.js';
import { BLOCK, MUTE } from '../../api/documents/people.js';
import { useState } from '../../vendor/hooks.js';
import { away } from '../../store/away.js';
import { words } from '../../words.js';
import { moderationWords } from '../../words/moderation.js';
import { useDesk } from '../context.js';
import { Dialog } from '../dialog.js';
import { Field, useForm } from '../form.js';
import { Quoted } from '../tweets/tweet.js';

const MOST_COMMENT = 1000;

/** `reported` is {tweet, isPromoted} or {person}. */
export function ReportDialog({ reported: { tweet, isPromoted = false, person }, onClose }) {
  const desk = useDesk();
  const [isSent, setSent] = useState(false);
  const { handle } = person ?? tweet.author;
  const form = useForm(async ({ reason, comment }) => {
    await desk.api.act(REPORT, { input: { subject: (tweet ?? person).id, reason, comment: comment.trim() || null } });
    setSent(true);
  });
  return html`<${Dialog} title=${moderationWords.report.title(handle, Boolean(tweet))} onClose=${onClose} className="small">
    ${isSent ? html`<${Sent} person=${person ?? tweet.author} onClose=${onClose} />` : html`
      ${tweet && html`<${Quoted} tweet=${tweet} isLinked=${false} />`}
      <form class="form reporting" onSubmit=${form.submit}>
        <${Reasons} names=${reasonsFor(isPromoted)} error=${form.errorOf('reason')} />
        <${Field} label=${moderationWords.report.comment} name="comment" type="textarea" rows="2" maxlength=${MOST_COMMENT} hint=${moderationWords.report.commentHint} error=${form.errorOf('comment')} />
        ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
        <small>${moderationWords.report.privacy}</small>
        <button type="submit" class="primary" disabled=${form.isBusy}>${moderationWords.report.send}</button>
      </form>`}
  <//>`;
}

function Reasons({ names, error }) {
  return html`<fieldset class="choices"><legend>${moderationWords.report.reason}</legend>
    ${names.map((name) => html`<label key=${name}><input type="radio" name="reason" value=${name} required />${moderationWords.reasons[name]}</label>`)}
    ${error && html`<small class="field-error" role="alert">${error}</small>`}
  </fieldset>`;
}

function reasonsFor(isPromoted) {
  return Object.keys(moderationWords.reasons).filter((name) => isPromoted || name !== 'MISLEADING_AD');
}

function Sent({ person, onClose }) {
  const desk = useDesk();
  const then = (mutation, said) => () => {
    onClose();
    away(desk, person, mutation, said);
  };
  return html`<p role="status">${moderationWords.report.sent}</p>
    <p>${moderationWords.report.meanwhile(person.handle)}</p>
    <footer class="buttons">
      <button type="button" onClick=${then(MUTE, words.people.muted)}>${words.people.muteName(person.handle)}</button>
      <button type="button" class="bad" onClick=${then(BLOCK, words.people.blocked)}>${words.people.blockName(person.handle)}</button>
      <button type="button" class="primary" onClick=${onClose}>${moderationWords.report.done}</button>
    </footer>`;
}
