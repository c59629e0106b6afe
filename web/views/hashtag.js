// A hashtag: how much it was used over the last day, and the tweets that carry it.
import { html } from '../parts/html.js';
import { FOLLOW_HASHTAG, HASHTAG, HASHTAG_TWEETS, UNFOLLOW_HASHTAG } from '../api/documents/finding.js';
import { Bars } from '../parts/chart.js';
import { useKept, usePage, usePages } from '../parts/context.js';
import { Heading, Tabs } from '../parts/frame/heading.js';
import { List } from '../parts/list.js';
import { Empty } from '../parts/states.js';
import { TweetRow } from '../parts/tweets/tweet.js';
import { useEffect } from '../vendor/hooks.js';
import { paths } from '../router.js';
import { useCell } from '../store/cell.js';
import { Loaded } from '../store/loaded.js';
import { connectionOf, Pages } from '../store/pages.js';
import { takeTweet } from '../store/records.js';
import { words } from '../words.js';
import { searchWords } from '../words/searches.js';

export function HashtagView() {
  const { desk, router } = usePage();
  const { params, query } = useCell(router.cell);
  const { name } = params;
  const sort = query.get('in') === 'top' ? 'TOP' : 'LATEST';
  const loaded = useKept(`hashtag ${name}`, () => new Loaded(async () => (await desk.api.ask(HASHTAG, { name })).hashtag));
  useEffect(() => loaded.start(), [loaded]);
  const { value: hashtag, state } = useCell(loaded.cell);
  const pages = usePages(`tweets #${name} ${sort}`, () => new Pages({
    load: async (after) => connectionOf((await desk.api.ask(HASHTAG_TWEETS, { name, sort, after })).hashtag?.tweets),
    take: ({ node }) => takeTweet(desk, node),
  }));
  return html`<${Heading} title=${`#${hashtag?.name ?? name}`} hasBack>
      <${Tabs} label=${searchWords.search.lists} tabs=${['latest', 'top'].map((list) => ({
        label: searchWords.search.listNames[list], href: paths.hashtag(name) + (list === 'top' ? '?in=top' : ''), isCurrent: list.toUpperCase() === sort,
      }))} />
    <//>
    ${hashtag && html`<${Use} hashtag=${hashtag} loaded=${loaded} />`}
    ${state === 'ready' && !hashtag
      ? html`<${Empty} ...${searchWords.hashtag.none} />`
      : html`<${List} key=${sort} pages=${pages} row=${({ node }) => html`<${TweetRow} tweet=${node} />`} label=${`#${name}`} empty=${searchWords.hashtag.empty} />`}`;
}

function Use({ hashtag, loaded }) {
  const { desk } = usePage();
  const isOn = hashtag.viewerIsFollowing;
  const total = hashtag.history.reduce((sum, count) => sum + count, 0);
  const turn = async () => {
    loaded.cell.merge({ value: { ...hashtag, viewerIsFollowing: !isOn } });
    try {
      await desk.api.act(isOn ? UNFOLLOW_HASHTAG : FOLLOW_HASHTAG, { name: hashtag.name });
      desk.refreshMe();
    } catch (error) {
      loaded.cell.merge({ value: hashtag });
      desk.toasts.failed(error);
    }
  };
  return html`<section class="use">
    <div><b>${searchWords.hashtag.uses(total)}</b><small>${searchWords.hashtag.hint}</small></div>
    <${Bars} values=${hashtag.history} label=${searchWords.hashtag.history(total)} />
    ${desk.isSignedIn && html`<button type="button" class=${`follow ${isOn ? 'on' : 'primary'}`} aria-pressed=${isOn} onClick=${turn}>
      <span>${isOn ? words.people.following : words.people.follow}</span>${isOn && html`<span class="instead" aria-hidden="true">${words.people.unfollow}</span>`}</button>`}
  </section>`;
}
