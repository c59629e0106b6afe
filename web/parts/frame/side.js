// What stands beside the view where there is room: search, trends, who to follow, and the ways behind the page.
import { html } from '../html.js';
import { WHO_TO_FOLLOW } from '../../api/documents/account.js';
import { useEffect, useState } from '../../vendor/hooks.js';
import { paths } from '../../router.js';
import { useCell } from '../../store/cell.js';
import { patiently } from '../../store/healing.js';
import { words } from '../../words.js';
import { graphiqlAddress, useDesk, usePage } from '../context.js';
import { Icon } from '../icon.js';
import { short } from '../moment.js';
import { PersonCard } from '../people/person.js';
import { ThemeChoice } from './theme.js';

export function Side() {
  const { router } = usePage();
  const { view } = useCell(router.cell);
  return html`<aside class="side" aria-label=${words.side.label}>
    ${view !== 'search' && view !== 'explore' && html`<${SearchField} />`}
    ${view !== 'explore' && html`<${Trends} />`}
    ${view !== 'explore' && html`<${WhoToFollow} />`}
    <${Footer} />
    ${view !== 'settings' && html`<div class="side-theme"><${ThemeChoice} /></div>`}
  </aside>`;
}

export function SearchField({ text = '' }) {
  const { router } = usePage();
  const send = (event) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget).get('q').trim();
    if (typed) router.go(paths.search(typed));
  };
  return html`<form role="search" class="search-field" onSubmit=${send}>
    <${Icon} name="explore" size=${19} />
    <input type="search" name="q" defaultValue=${text} value=${text} placeholder=${words.search.placeholder} aria-label=${words.search.label} maxlength="280" autocomplete="off" data-search />
  </form>`;
}

export function Trends({ isBig = false }) {
  const desk = useDesk();
  const { trends, state } = useCell(desk.trends.cell);
  useEffect(() => desk.trends.watch(), [desk]);
  if (state !== 'ready' || !trends.length) {
    return isBig && state !== 'loading' ? html`<p class="calm">${words.trends.none}</p>` : null;
  }
  return html`<section class="box" aria-labelledby="trends-title">
    <h2 id="trends-title">${words.trends.title}</h2>
    <ol class="trends">${trends.slice(0, isBig ? 10 : 5).map((trend, place) => html`<li key=${trend.hashtag.id}>
      <a href=${paths.hashtag(trend.hashtag.name)}><span class="place" aria-hidden="true">${place + 1}</span>
        <span><b>#${trend.hashtag.name}</b><small>${words.trends.figures(short(trend.tweetCount), trend.tweetCount, short(trend.accountCount), trend.accountCount)}</small></span></a>
    </li>`)}</ol>
  </section>`;
}

export function WhoToFollow({ first = 3 }) {
  const desk = useDesk();
  const [people, setPeople] = useState([]);
  useEffect(() => {
    if (!desk.isSignedIn) return undefined;
    let isWanted = true;
    const load = () => patiently(() => desk.api.ask(WHO_TO_FOLLOW, { first }), () => isWanted);
    desk.settled().then(load).then((answer) => {
      if (!isWanted) return;
      const found = answer.viewer?.whoToFollow ?? [];
      found.forEach((person) => desk.people.take(person));
      setPeople(found);
    }, () => {});
    return () => (isWanted = false);
  }, [desk]);
  if (!people.length) return null;
  return html`<section class="box" aria-labelledby="who-title">
    <h2 id="who-title">${words.side.whoToFollow}</h2>
    ${people.map((person) => html`<${PersonCard} key=${person.id} person=${person} />`)}
  </section>`;
}

function Footer() {
  return html`<footer class="behind">
    ${graphiqlAddress() && html`<a href=${graphiqlAddress()}><${Icon} name="code" size=${16} />${words.side.graphiql}</a>`}
    <a href="/schema.graphql">${words.side.schema}</a>
    <a href="/widget">${words.side.widget}</a>
    <p>${words.side.about}</p>
  </footer>`;
}
