// Where to begin: a search, what is talked about, whom one may want to read, and what many liked this week.
import { html } from '../parts/html.js';
import { SEARCH_TWEETS } from '../api/documents/finding.js';
import { usePage, usePages } from '../parts/context.js';
import { SearchField } from '../parts/finding/search.js';
import { Trends } from '../parts/finding/trends.js';
import { Heading } from '../parts/frame/heading.js';
import { List } from '../parts/list.js';
import { WhoToFollow } from '../parts/people/suggested.js';
import { TweetRow } from '../parts/tweets/tweet.js';
import { Pages } from '../store/pages.js';
import { takeTweet } from '../store/records.js';
import { words } from '../words.js';
import { searchWords } from '../words/searches.js';

// TOP ranks those of the last seven days.
const POPULAR = 'min_likes:1 -is:reply';

export function ExploreView() {
  const { desk } = usePage();
  const pages = usePages('popular', () => new Pages({
    load: async (after) => (await desk.api.ask(SEARCH_TWEETS, { query: POPULAR, sort: 'TOP', after })).searchTweets,
    take: ({ node }) => takeTweet(desk, node),
  }));
  return html`<${Heading} title=${words.nav.explore}><div class="heading-search"><${SearchField} /></div><//>
    <div class="explore"><${Trends} isBig /><${WhoToFollow} first=${3} /></div>
    <h2 class="explore-title">${searchWords.explore.popular}</h2>
    <${List} pages=${pages} row=${({ node }) => html`<${TweetRow} tweet=${node} />`} label=${searchWords.explore.popular} empty=${searchWords.explore.quiet} />`;
}
