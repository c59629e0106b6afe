// What stands beside the view where there is room: search, trends, who to follow, and the ways behind the page.
import { html } from '../html.js';
import { useCell } from '../../store/cell.js';
import { words } from '../../words.js';
import { graphiqlAddress, usePage } from '../context.js';
import { SearchField } from '../finding/search.js';
import { Trends } from '../finding/trends.js';
import { Icon } from '../icon.js';
import { WhoToFollow } from '../people/suggested.js';
import { ThemeChoice } from './theme.js';

export function Side() {
  const { desk, router } = usePage();
  const { view } = useCell(router.cell);
  const isStarting = useCell(desk.isStarting) && view === 'home';
  return html`<aside class="side" aria-label=${words.side.label}>
    ${view !== 'search' && view !== 'explore' && html`<${SearchField} />`}
    ${view !== 'explore' && html`<${Trends} />`}
    ${view !== 'explore' && !isStarting && html`<${WhoToFollow} />`}
    <${Footer} />
    ${view !== 'settings' && html`<div class="side-theme"><${ThemeChoice} /></div>`}
  </aside>`;
}

function Footer() {
  return html`<footer class="behind">
    ${graphiqlAddress() && html`<a href=${graphiqlAddress()}><${Icon} name="code" size=${16} />${words.side.graphiql}</a>`}
    <a href="/schema.graphql">${words.side.schema}</a>
    <a href="/widget">${words.side.widget}</a>
    <p>${words.side.about}</p>
  </footer>`;
}
