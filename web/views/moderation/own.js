// Decisions about oneself, and the appeal against one: signed in, or by the link of a mail for who can't sign in.
import { html } from '../../parts/html.js';
import { APPEAL, OWN_DECISIONS } from '../../api/documents/moderation.js';
import { takeToken, useDesk, usePages, useTitle } from '../../parts/context.js';
import { Field, useForm } from '../../parts/form.js';
import { Heading } from '../../parts/frame/heading.js';
import { List } from '../../parts/list.js';
import { OwnDecision, takeSubject } from '../../parts/moderation/decision.js';
import { useState } from '../../vendor/hooks.js';
import { Pages } from '../../store/pages.js';
import { moderationWords } from '../../words/moderation.js';

const { own, appeal: byMail } = moderationWords;
const MOST_TEXT = 2000;

/** A section of settings. */
export function OwnDecisions() {
  const desk = useDesk();
  const pages = usePages('decisions', () => new Pages({
    load: async (after) => (await desk.api.ask(OWN_DECISIONS, { after })).viewer.decisions,
    take: (edge) => takeSubject(desk, edge),
  }));
  const appealed = (changed) => {
    const edges = pages.cell.value.edges.map((edge) => (edge.node.id === changed.id ? { ...edge, node: { ...edge.node, ...changed } } : edge));
    pages.cell.merge({ edges });
  };
  const row = ({ node }) => html`<${OwnDecision} decision=${node}>${!node.revokedAt && html`<${Appealing} decision=${node} onDone=${appealed} />`}<//>`;
  return html`<p class="lead">${own.lead}</p>
    <${List} pages=${pages} row=${row} label=${own.title} empty=${own.empty} />`;
}

function Appealing({ decision, onDone }) {
  const [isOpen, open] = useState(false);
  if (!isOpen) return html`<p class="buttons"><button type="button" onClick=${() => open(true)}>${own.appeal}</button></p>`;
  return html`<${AppealForm} variables=${{ decisionId: decision.id }} onDone=${onDone} hasFocus />`;
}

export function AppealView() {
  const [token] = useState(takeToken);
  const [isSent, setSent] = useState(false);
  useTitle(byMail.title);
  return html`<${Heading} title=${byMail.title} hasBack />
    <div class="settings">
      ${!token && html`<p role="status">${byMail.none}</p>`}
      ${token && !isSent && html`<${AppealForm} variables=${{ token }} onDone=${() => setSent(true)} />`}
      ${isSent && html`<p role="status">${byMail.sent}</p>`}
      <a class="settings-link" href="/">${byMail.home}</a>
    </div>`;
}

function AppealForm({ variables, onDone, hasFocus = false }) {
  const desk = useDesk();
  const form = useForm(async ({ text }) => onDone((await desk.api.act(APPEAL, { ...variables, text })).decision));
  return html`<form class="form" onSubmit=${form.submit}>
    <${Field} label=${own.appealField} name="text" type="textarea" rows="4" maxlength=${MOST_TEXT} required autofocus=${hasFocus} hint=${own.appealHint} error=${form.errorOf('text')} />
    ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
    <button type="submit" class="primary" disabled=${form.isBusy}>${own.sendAppeal}</button>
  </form>`;
}
