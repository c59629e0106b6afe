// A report as moderators see it, with all that they can do about it.
import { html } from '../html.js';
import { DISMISS } from '../../api/documents/moderation.js';
import { useState } from '../../vendor/hooks.js';
import { paths } from '../../router.js';
import { moderationWords } from '../../words/moderation.js';
import { usePage } from '../context.js';
import { Moment } from '../moment.js';
import { DecideDialog } from './decide.js';
import { Subject } from './decision.js';

const { room } = moderationWords;
// What fits which subject, and what about the author of a tweet.
const ACTIONS = { Tweet: ['WARN', 'MARK_SENSITIVE', 'REMOVE'], User: ['WARN', 'LIMIT', 'SUSPEND'] };
const OF_AUTHOR = ['LIMIT', 'SUSPEND'];
const GRAVE = new Set(['REMOVE', 'SUSPEND']);

/** `onAnswered` is called when the report is answered, `onStale` when it is to be read anew. */
export function Case({ report, hasContext = true, onAnswered, onStale }) {
  const { router } = usePage();
  const { reason, comment, reporters, state, createdAt, subject, revision } = report;
  const path = paths.moderation('reports', report.id);
  const clicked = (event) => hasContext && !event.target.closest('a, button, dialog') && !String(getSelection()) && router.go(path);
  const who = reporters ? `${room.by} ${room.reporters(reporters)}` : room.byFilter;
  return html`<article class=${`report ${hasContext ? 'opens' : ''}`} tabindex="0" onClick=${clicked} aria-label=${`${moderationWords.reasons[reason]}, ${who}`}>
    <p class="grounds"><b>${moderationWords.reasons[reason]}</b> <span class="dot" aria-hidden="true">·</span> ${who} <span class="dot" aria-hidden="true">·</span> <${Moment} at=${createdAt} />
      ${state !== 'OPEN' && html` <span class="tag">${room.states[state]}</span>`}</p>
    ${comment && html`<blockquote dir="auto">${comment}</blockquote>`}
    <${Subject} subject=${subject} revision=${revision} gone=${room.gone} />
    ${state === 'OPEN' && html`<${Acts} report=${report} onAnswered=${onAnswered} onStale=${onStale} />`}
    ${hasContext && html`<a class="as-context" href=${path}>${room.context}</a>`}
  </article>`;
}

function Acts({ report, onAnswered, onStale }) {
  const { desk } = usePage();
  const [choice, choose] = useState(null);
  const { subject } = report;
  const isTweet = subject?.__typename === 'Tweet';
  const person = isTweet ? subject.author : subject;
  const dismiss = async () => {
    try {
      await desk.api.act(DISMISS, { id: report.id });
      desk.toasts.say(room.dismissed);
      onAnswered();
    } catch (error) {
      desk.toasts.failed(error);
    }
  };
  const choiceOf = (action, about) => ({
    action, subjectId: about.id, isTweet: about === subject && isTweet, handle: person.handle, reason: report.reason,
    version: about === subject ? report.version || null : null, isAnswer: about === subject,
  });
  const act = (action, about, label) => html`<button type="button" key=${action} data-act=${action} class=${GRAVE.has(action) ? 'bad' : ''}
    onClick=${() => choose(choiceOf(action, about))}>${label}</button>`;
  return html`<div class="case-acts" role="group" aria-label=${room.decide}>
      ${subject && ACTIONS[subject.__typename].map((action) => act(action, subject, room.actions[action]))}
      ${isTweet && OF_AUTHOR.map((action) => act(action, subject.author, room.ofPerson(room.actions[action], person.handle)))}
      <button type="button" data-act="dismiss" class="quiet" onClick=${dismiss}>${room.dismiss}</button>
    </div>
    ${choice && html`<${DecideDialog} choice=${choice} onClose=${() => choose(null)} onStale=${onStale} onDone=${choice.isAnswer ? onAnswered : onStale} />`}`;
}
