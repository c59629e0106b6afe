// The first hour: whom and what to follow, for somebody whose timeline is empty because they follow nobody.
import { html } from '../html.js';
import { useCell } from '../../store/cell.js';
import { searchWords } from '../../words/searches.js';
import { useDesk } from '../context.js';
import { TrendChips } from '../finding/chips.js';
import { Icon } from '../icon.js';
import { Skeleton } from '../states.js';
import { Suggestions, useSuggested } from './suggested.js';

const PEOPLE = 6;

export function Starter() {
  const desk = useDesk();
  const me = useCell(desk.me);
  const suggestions = useSuggested(PEOPLE);
  const done = () => {
    desk.isStarting.set(false);
    scrollTo({ top: 0 });
  };
  return html`<section class="starter" aria-labelledby="starter-title">
    <h2 id="starter-title">${searchWords.starter.title(me.name)}</h2>
    <p>${searchWords.starter.text}</p>
    ${suggestions === null && html`<${Skeleton} rows=${3} />`}
    ${suggestions?.length === 0 && html`<p class="calm">${searchWords.starter.nobody}</p>`}
    ${suggestions?.length > 0 && html`<${People} suggestions=${suggestions} />`}
    <${TrendChips} title=${searchWords.starter.hashtags} />
    <footer class="buttons">
      <a class="button" href="/explore"><${Icon} name="explore" size=${18} />${searchWords.starter.explore}</a>
      <button type="button" class="primary" onClick=${done}>${searchWords.starter.done}</button>
    </footer>
  </section>`;
}

function People({ suggestions }) {
  const desk = useDesk();
  const left = suggestions.map(({ user }) => useCell(desk.people.cell(user.id)) ?? user).filter((person) => !isFollowed(person));
  const followAll = () => Promise.all(left.map((person) => desk.follow(person, true)));
  return html`<div class="starter-line"><h3>${searchWords.starter.people}</h3>
      <button type="button" disabled=${!left.length} onClick=${followAll}>${left.length ? searchWords.starter.followAll(left.length) : searchWords.starter.allFollowed}</button></div>
    <div class="box"><${Suggestions} suggestions=${suggestions} /></div>`;
}

function isFollowed({ relationship }) {
  return relationship.isFollowing || relationship.hasRequestedFollow;
}
