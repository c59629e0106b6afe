// The queue of reports, which is worked off by keys or clicks.
import { html } from '../../parts/html.js';
import { REPORTS } from '../../api/documents/moderation.js';
import { usePage, usePages } from '../../parts/context.js';
import { List } from '../../parts/list.js';
import { Case } from '../../parts/moderation/case.js';
import { takeSubject } from '../../parts/moderation/decision.js';
import { paths } from '../../router.js';
import { useCell } from '../../store/cell.js';
import { Pages } from '../../store/pages.js';
import { moderationWords } from '../../words/moderation.js';

const { room } = moderationWords;

export function Reports() {
  const { desk, router } = usePage();
  const asked = useCell(router.cell).query.get('state')?.toUpperCase();
  const state = room.states[asked] ? asked : 'OPEN';
  const pages = usePages(`reports ${state}`, () => new Pages({
    load: async (after) => (await desk.api.ask(REPORTS, { after, state })).moderation.reports,
    take: (edge) => takeSubject(desk, edge),
  }));
  const answered = (report) => {
    const place = pages.cell.value.edges.findIndex(({ node }) => node.id === report.id);
    pages.filter(({ node }) => node.id !== report.id);
    setTimeout(() => focusAt(place));
  };
  return html`<nav class="states-of" aria-label=${room.stateNames}>${Object.keys(room.states).map((name) => html`<a class="button" key=${name} aria-current=${name === state ? 'page' : undefined}
      href=${name === 'OPEN' ? paths.moderation() : `${paths.moderation()}?state=${name.toLowerCase()}`}>${room.states[name]}</a>`)}</nav>
    <${List} key=${state} pages=${pages} label=${room.partNames.reports} empty=${room.emptyReports}
      row=${({ node }) => html`<${Case} report=${node} onAnswered=${() => answered(node)} onStale=${() => pages.renew()} />`} />
    <details class="help"><summary>${room.keysTitle}</summary>
      <dl class="keys">${room.keys.map(([key, text]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${text}</dd></div>`)}</dl>
    </details>`;
}

// The keys go on with what stands there then.
function focusAt(place) {
  const cases = [...document.querySelectorAll('main article.report')];
  cases[Math.min(place, cases.length - 1)]?.focus();
}
