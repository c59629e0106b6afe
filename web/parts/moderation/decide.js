// The dialog in which a moderator decides: why, what the person reads, and for how long.
import { html } from '../html.js';
import { Refusal } from '../../api/errors.js';
import { MODERATE, REVOKE } from '../../api/documents/moderation.js';
import { moderationWords } from '../../words/moderation.js';
import { useDesk } from '../context.js';
import { Dialog } from '../dialog.js';
import { Field, useForm } from '../form.js';

const { room } = moderationWords;
const DAY_MS = 86_400_000;
const MOST_EXPLANATION = 1000;

/**
 * `choice` is {action, subjectId, isTweet, handle, reason, version}, where `version` is null for what was not looked
 * at; `handle` is that of the tweet's author where it is about a tweet. `onDone` is called when it is decided, `onStale` when the subject is another by then.
 */
export function DecideDialog({ choice, onClose, onDone, onStale }) {
  const desk = useDesk();
  const { action, handle, isTweet } = choice;
  const verb = room.actions[action];
  const form = useForm(async (values) => {
    try {
      const { decision } = await desk.api.act(MODERATE, { input: inputOf(choice, values) });
      desk.toasts.say(room.decided, { act: { label: room.undo, run: () => revoke(desk, decision, onStale) } });
    } catch (error) {
      if (isStale(error)) onStale();
      throw error;
    }
    onClose();
    onDone();
  });
  return html`<${Dialog} title=${isTweet ? room.ofTweet(verb, handle) : room.ofPerson(verb, handle)} onClose=${onClose} className="small">
    <p>${room.effects[action]}</p>
    <form class="form deciding" onSubmit=${form.submit}>
      <${Field} label=${room.reason} name="reason" type="select" error=${form.errorOf('reason')}>
        ${Object.entries(moderationWords.reasons).map(([name, label]) => html`<option key=${name} value=${name} selected=${name === choice.reason}>${label}</option>`)}
      <//>
      <${Field} label=${room.explanation} name="explanation" type="textarea" rows="3" maxlength=${MOST_EXPLANATION} hint=${room.explanationHint} error=${form.errorOf('explanation')} />
      ${action !== 'WARN' && html`<${Field} label=${room.until} name="days" type="select" error=${form.errorOf('until')}>
        ${Object.entries(room.spans).sort().map(([days, label]) => html`<option key=${days} value=${days} selected=${days === ''}>${label}</option>`)}
      <//>`}
      ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
      <button type="submit" class="primary bad" autofocus disabled=${form.isBusy}>${room.decide}: ${verb}</button>
    </form>
  <//>`;
}

function inputOf({ action, subjectId, version }, { reason, explanation, days }) {
  const until = days ? new Date(Date.now() + Number(days) * DAY_MS).toISOString() : null;
  return { subject: subjectId, action, reason, explanation: explanation.trim() || null, until, version };
}

function isStale(error) {
  return error instanceof Refusal && error.userErrors.some(({ code }) => code === 'CONFLICT' || code === 'NOT_FOUND');
}

/** Resolves to the decision as it is then, or null where that failed. */
export async function revoke(desk, { id }, onDone = () => {}) {
  try {
    const { decision } = await desk.api.act(REVOKE, { id });
    desk.toasts.say(room.revoked);
    onDone();
    return decision;
  } catch (error) {
    desk.toasts.failed(error);
    return null;
  }
}
