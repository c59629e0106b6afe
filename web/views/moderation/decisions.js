// Decisions that stand.
import { html } from '../../parts/html.js';
import { DECISIONS } from '../../api/documents/moderation.js';
import { useDesk, usePages } from '../../parts/context.js';
import { List } from '../../parts/list.js';
import { takeSubject } from '../../parts/moderation/decision.js';
import { Standing } from '../../parts/moderation/standing.js';
import { Pages } from '../../store/pages.js';
import { moderationWords } from '../../words/moderation.js';

const { room } = moderationWords;

export function Decisions() {
  const desk = useDesk();
  const pages = usePages('standing', () => new Pages({
    load: async (after) => (await desk.api.ask(DECISIONS, { after })).moderation.decisions,
    take: (edge) => takeSubject(desk, edge),
  }));
  const revoked = ({ id }) => pages.filter(({ node }) => node.id !== id);
  return html`<${List} pages=${pages} label=${room.partNames.decisions} empty=${room.emptyDecisions}
    row=${({ node }) => html`<${Standing} decision=${node} onRevoked=${revoked} />`} />`;
}
