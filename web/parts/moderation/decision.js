// A decision as it is told to whom it concerns, with their appeal.
import { html } from '../html.js';
import { takeTweet } from '../../store/records.js';
import { moderationWords } from '../../words/moderation.js';
import { Icon } from '../icon.js';
import { Moment, WholeMoment } from '../moment.js';
import { PersonCard } from '../people/person.js';
import { Quoted } from '../tweets/tweet.js';

const { own } = moderationWords;

/** Keeps what an entry of a list is about, which may have been out of sight. */
export function takeSubject(desk, { node: { subject } }) {
  if (subject?.__typename === 'Tweet') takeTweet(desk, subject);
  else if (subject) desk.people.take(subject);
}

/**
 * What a decision, a report or an appeal is about: of a tweet that was edited since, the version that was reported.
 * `children` are the acts beside a person.
 */
export function Subject({ subject, revision = null, gone, children }) {
  if (!subject) return html`<p class="calm flat">${gone}</p>`;
  return subject.__typename === 'Tweet' ? html`<${Quoted} tweet=${subject} revision=${revision} />` : html`<div class="box flat"><${PersonCard} person=${subject}>${children ?? html`<span />`}<//></div>`;
}

/** Why, for how long, and what the moderators wrote. */
export function Grounds({ decision: { reason, explanation, until, revokedAt, createdAt } }) {
  return html`<p class="grounds"><b>${own.reason}</b> ${moderationWords.reasons[reason]} <span class="dot" aria-hidden="true">·</span> <${Moment} at=${createdAt} />
      ${until && !revokedAt && html` <span class="dot" aria-hidden="true">·</span> ${own.until} <${WholeMoment} at=${until} />`}
      ${revokedAt && html` <span class="tag">${own.revoked}</span>`}</p>
    ${explanation && html`<blockquote dir="auto">${explanation}</blockquote>`}`;
}

export function AppealState({ appeal: { text, createdAt, isGranted, answer } }) {
  return html`<div class="appeal"><p><b>${own.appealed}</b> <span class="dot" aria-hidden="true">·</span> <${Moment} at=${createdAt} /></p>
    <blockquote dir="auto">${text}</blockquote>
    <p class=${isGranted === false ? 'bad-text' : ''}>${isGranted === null ? own.waits : isGranted ? own.granted : own.refused}</p>
    ${answer && html`<blockquote dir="auto">${answer}</blockquote>`}</div>`;
}

/** One of one's own; `children` is the way to appeal, where there is one. */
export function OwnDecision({ decision, children }) {
  const { action, subject, appeal } = decision;
  const title = own.actions[action][subject?.__typename] ?? Object.values(own.actions[action])[0];
  return html`<article class="decision" tabindex="0" aria-label=${title}>
    <h2><${Icon} name="shield" size=${20} />${title}</h2>
    <${Grounds} decision=${decision} />
    ${(!subject || subject.__typename === 'Tweet') && html`<${Subject} subject=${subject} gone=${own.gone} />`}
    ${appeal ? html`<${AppealState} appeal=${appeal} />` : children}
  </article>`;
}

