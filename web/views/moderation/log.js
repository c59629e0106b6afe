// The log of what moderators did.
import { html } from '../../parts/html.js';
import { LOG } from '../../api/documents/moderation.js';
import { useDesk, usePages } from '../../parts/context.js';
import { List } from '../../parts/list.js';
import { WholeMoment } from '../../parts/moment.js';
import { paths } from '../../router.js';
import { Pages } from '../../store/pages.js';
import { moderationWords } from '../../words/moderation.js';

const { room } = moderationWords;

export function Log() {
  const desk = useDesk();
  const pages = usePages('log', () => new Pages({ load: async (after) => (await desk.api.ask(LOG, { after })).moderation.log, keyOf: ({ cursor }) => cursor }));
  return html`<${List} pages=${pages} label=${room.partNames.log} empty=${room.emptyLog} row=${({ node }) => html`<${Line} line=${node} />`} />`;
}

function Line({ line: { at, actor, action, subjectId, note } }) {
  return html`<article class="log-line" tabindex="0">
    <p><b>${actor ? html`<a href=${paths.person(actor.handle)}>@${actor.handle}</a>` : room.nobody}</b> ${action.toLowerCase().replaceAll('_', ' ')} <code>${subjectId}</code></p>
    ${note && html`<blockquote dir="auto">${note}</blockquote>`}
    <small><${WholeMoment} at=${at} /></small>
  </article>`;
}
