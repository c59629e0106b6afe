// Appeals that wait for an answer.
import { html } from '../../parts/html.js';
import { ANSWER_APPEAL, APPEALS } from '../../api/documents/moderation.js';
import { useDesk, usePages } from '../../parts/context.js';
import { Field, useForm } from '../../parts/form.js';
import { List } from '../../parts/list.js';
import { takeSubject } from '../../parts/moderation/decision.js';
import { Standing } from '../../parts/moderation/standing.js';
import { useRef } from '../../vendor/hooks.js';
import { Pages } from '../../store/pages.js';
import { moderationWords } from '../../words/moderation.js';

const { room } = moderationWords;
const MOST_ANSWER = 2000;

export function Appeals() {
  const desk = useDesk();
  const pages = usePages('appeals', () => new Pages({
    load: async (after) => (await desk.api.ask(APPEALS, { after })).moderation.appeals,
    take: (edge) => takeSubject(desk, edge),
  }));
  const answered = ({ id }) => pages.filter(({ node }) => node.id !== id);
  return html`<${List} pages=${pages} label=${room.partNames.appeals} empty=${room.emptyAppeals}
    row=${({ node }) => html`<${Standing} decision=${node}><${Answer} decision=${node} onAnswered=${answered} /><//>`} />`;
}

function Answer({ decision, onAnswered }) {
  const desk = useDesk();
  const isGranted = useRef(false);
  const form = useForm(async ({ answer }) => {
    await desk.api.act(ANSWER_APPEAL, { id: decision.id, isGranted: isGranted.current, answer });
    desk.toasts.say(room.answered);
    onAnswered(decision);
  });
  const button = (isGrant, label) => html`<button type="submit" class=${isGrant ? 'primary' : ''} disabled=${form.isBusy} onClick=${() => { isGranted.current = isGrant; }}>${label}</button>`;
  return html`<form class="form" onSubmit=${form.submit}>
    <${Field} label=${room.answer} name="answer" type="textarea" rows="2" maxlength=${MOST_ANSWER} required error=${form.errorOf('answer')} />
    ${form.message && html`<p class="field-error" role="alert">${form.message}</p>`}
    <div class="buttons">${button(false, room.refuse)}${button(true, room.grant)}</div>
  </form>`;
}
