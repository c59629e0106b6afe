// Search and trends, as they stand beside each view.
import { counted, plural } from './counting.js';

export const findingWords = {
  side: {
    label: 'Beside',
    whoToFollow: 'Who to follow',
    graphiql: 'GraphiQL',
    schema: 'Schema',
    widget: 'Widget',
    about: 'All of this is one GraphQL API. Press ? for keys.',
  },
  trends: {
    title: 'Trends',
    none: 'Nothing trends at the moment.',
    figures: (tweets, tweetCount, accounts, accountCount) =>
      `${tweets} ${plural(tweetCount, 'tweet', 'tweets')} by ${accounts} ${plural(accountCount, 'person', 'people')}`,
  },
  search: {
    label: 'Search',
    placeholder: 'Search tweets, people, hashtags',
    suggested: (count) => counted(count, 'suggestion', 'suggestions'),
  },
};
