// What a search finds, and what is posted meanwhile that it would find.
import { html } from '../parts/html.js';
import { COMPLETE_HASHTAGS, SEARCH_EVENTS, SEARCH_TWEETS, SEARCH_USERS } from '../api/documents/finding.js';
import { useKept, usePage, usePages } from '../parts/context.js';
import { SearchField } from '../parts/finding/search.js';
import { Heading, Tabs } from '../parts/frame/heading.js';
import { Icon } from '../parts/icon.js';
import { List } from '../parts/list.js';
import { PersonCard } from '../parts/people/person.js';
import { TweetRow } from '../parts/tweets/tweet.js';
import { useEffect, useState } from '../vendor/hooks.js';
import { paths } from '../router.js';
import { useCell } from '../store/cell.js';
import { Loaded } from '../store/loaded.js';
import { Pages } from '../store/pages.js';
import { takeTweet } from '../store/records.js';
import { searchWords } from '../words/searches.js';

// What is found before anything was typed.
const NOTHING = { edges: [], pageInfo: { hasNextPage: false, endCursor: null } };
const ONE_WORD = /^[\p{L}\p{M}\p{N}_]+$/u;

export function SearchView() {
  const { router } = usePage();
  const { query } = useCell(router.cell);
  const text = query.get('q') ?? '';
  const list = query.get('in') ?? 'latest';
  return html`<${Heading} title=${searchWords.search.title(text)} hasBack>
      <div class="heading-search"><${SearchField} text=${text} /></div>
      <${Tabs} label=${searchWords.search.lists} tabs=${['latest', 'top', 'people'].map((name) => ({
        label: searchWords.search.listNames[name], href: paths.search(text, name === 'latest' ? '' : name), isCurrent: name === list,
      }))} />
    <//>
    ${list === 'people' || html`<${Hashtags} key=${text} text=${text} />`}
    ${list === 'people' ? html`<${People} key=${text} text=${text} />` : html`<${Tweets} key=${`${text} ${list}`} text=${text} list=${list} />`}
    <details class="help"><summary><${Icon} name="info" size=${17} />${searchWords.search.help}</summary>
      <dl class="keys">${searchWords.search.operators.map(([key, meaning]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${meaning}</dd></div>`)}</dl>
    </details>`;
}

// What somebody calls a word may be a hashtag to others.
function Hashtags({ text }) {
  const { desk } = usePage();
  const word = text.trim().replace(/^#/, '');
  const loaded = useKept(`hashtags ${word}`, () => new Loaded(async () => (await desk.api.ask(COMPLETE_HASHTAGS, { prefix: word })).searchHashtags));
  useEffect(() => {
    if (ONE_WORD.test(word)) loaded.start();
  }, [loaded]);
  const { value: hashtags } = useCell(loaded.cell);
  if (!hashtags?.length) return null;
  return html`<nav class="found-tags" aria-label=${searchWords.search.hashtags}>${hashtags.map(({ id, name }) => html`<a class="button" key=${id} href=${paths.hashtag(name)} dir="auto">#${name}</a>`)}</nav>`;
}

function Tweets({ text, list }) {
  const { desk } = usePage();
  const sort = list.toUpperCase();
  const pages = usePages(`search ${list} ${text}`, () => new Pages({
    load: async (after) => (text.trim() ? (await desk.api.ask(SEARCH_TWEETS, { query: text, sort, after })).searchTweets : NOTHING),
    take: ({ node }) => takeTweet(desk, node),
  }));
  const fresh = useFresh(desk, text, list === 'latest', pages);
  return html`<div class="pill-place" role="status">
      ${fresh.count > 0 && html`<button type="button" class="pill" onClick=${fresh.show}><${Icon} name="up" size=${18} />${searchWords.search.fresh(fresh.count)}</button>`}
    </div>
    <${List} pages=${pages} row=${({ node }) => html`<${TweetRow} tweet=${node} />`} label=${searchWords.search.listNames[list]} empty=${searchWords.search.empty(text)} />`;
}

function useFresh(desk, text, isLive, pages) {
  const [tweets, setTweets] = useState([]);
  useEffect(() => {
    if (!isLive || !text) return undefined;
    return desk.socket.follow(SEARCH_EVENTS, () => ({ query: text }), ({ searchEvents: tweet }) => {
      if (pages.cell.value.edges.some(({ node }) => node.id === tweet.id)) return;
      takeTweet(desk, tweet);
      setTweets((before) => [tweet, ...before.filter(({ id }) => id !== tweet.id)]);
    });
  }, [desk, text, isLive]);
  const show = () => {
    scrollTo({ top: 0 });
    pages.prepend(tweets.map((node) => ({ cursor: null, node })));
    setTweets([]);
  };
  return { count: tweets.length, show };
}

function People({ text }) {
  const { desk } = usePage();
  const pages = usePages(`search people ${text}`, () => new Pages({
    load: async (after) => (text.trim() ? (await desk.api.ask(SEARCH_USERS, { query: text, after })).searchUsers : NOTHING),
    take: ({ node }) => desk.people.take(node),
  }));
  return html`<${List} pages=${pages} row=${({ node }) => html`<${PersonCard} person=${node} />`} label=${searchWords.search.listNames.people} empty=${searchWords.search.empty(text)} />`;
}
