// Lists of one's own: bookmarks, and who asks to follow.
import { html } from '../parts/html.js';
import { BOOKMARKS, FOLLOW_REQUESTS } from '../api/documents/lists.js';
import { ACCEPT, REJECT } from '../api/documents/people.js';
import { useDesk, usePages } from '../parts/context.js';
import { Heading } from '../parts/frame/heading.js';
import { List } from '../parts/list.js';
import { PersonCard } from '../parts/people/person.js';
import { TweetRow } from '../parts/tweets/tweet.js';
import { Pages } from '../store/pages.js';
import { takeTweet } from '../store/records.js';
import { words } from '../words.js';
import { listWords } from '../words/lists.js';

export function BookmarksView() {
  const desk = useDesk();
  const pages = usePages('bookmarks', () => new Pages({
    load: async (after) => (await desk.api.ask(BOOKMARKS, { after })).viewer.bookmarks,
    take: ({ node }) => takeTweet(desk, node),
  }));
  return html`<${Heading} title=${words.nav.bookmarks} detail=${listWords.bookmarks.detail} />
    <${List} pages=${pages} row=${({ node }) => html`<${TweetRow} tweet=${node} />`} label=${words.nav.bookmarks} empty=${listWords.bookmarks.empty} />`;
}

export function RequestsView() {
  const desk = useDesk();
  const pages = usePages('requests', () => new Pages({
    load: async (after) => (await desk.api.ask(FOLLOW_REQUESTS, { after })).viewer.followRequests,
    take: ({ node }) => desk.people.take(node),
  }));
  const answer = async (person, mutation) => {
    const { edges } = pages.cell.value;
    pages.filter(({ node }) => node.id !== person.id);
    try {
      await desk.api.act(mutation, { id: person.id });
    } catch (error) {
      pages.cell.merge({ edges });
      desk.toasts.failed(error);
    }
  };
  const row = ({ node }) => html`<${PersonCard} person=${node}>
    <button type="button" class="primary" onClick=${() => answer(node, ACCEPT)}>${listWords.requests.accept}</button>
    <button type="button" onClick=${() => answer(node, REJECT)}>${listWords.requests.reject}</button>
  <//>`;
  return html`<${Heading} title=${listWords.requests.title} hasBack />
    <${List} pages=${pages} row=${row} label=${listWords.requests.title} empty=${listWords.requests.empty} />`;
}
