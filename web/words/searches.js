// What is found: the first hour, Explore, searches and hashtags.
import { counted, plural } from './counting.js';

export const searchWords = {
  starter: {
    title: (name) => `Welcome, ${name}`,
    text: 'Your timeline is what the people and hashtags that you follow write. Choose a few, and it fills at once.',
    people: 'People',
    followAll: (count) => (count === 1 ? 'Follow' : `Follow all ${count}`),
    allFollowed: 'You follow them all',
    nobody: 'There is nobody to suggest yet. Explore shows what is going on.',
    hashtags: 'Hashtags that are talked about',
    explore: 'Look around',
    done: 'Show my timeline',
  },
  explore: {
    popular: 'Popular this week',
    quiet: { title: 'A quiet week', text: 'Tweets that people like stand here.' },
  },
  search: {
    title: (text) => (text ? `“${text}”` : 'Search'),
    lists: 'Kinds of results',
    listNames: { latest: 'Latest', top: 'Top', people: 'People' },
    hashtags: 'Hashtags that begin so',
    fresh: (count) => `${count} new ${plural(count, 'result', 'results')}`,
    empty: (text) => ({ title: 'Nothing found', text: text ? `There is nothing for “${text}”. Fewer words find more.` : 'Type what you look for.' }),
    help: 'What a search understands',
    operators: [
      ['"two words"', 'these words in this order'],
      ['rooks OR crows', 'either'],
      ['-word', 'not this word'],
      ['#tag @handle', 'a hashtag, a mention'],
      ['from:ada_rook', 'written by'],
      ['to:ada_rook', 'answers to'],
      ['since:2026-01-31', 'from that day on; until: before it'],
      ['min_likes:10', 'at least so many likes'],
      ['has:links', 'or mentions, hashtags'],
      ['is:reply', 'or quote'],
      ['filter:follows', 'by people you follow'],
    ],
  },
  hashtag: {
    followName: (name) => `Follow #${name}`,
    uses: (count) => `${counted(count, 'use', 'uses')} in 24 hours`,
    hint: 'Follow it, and tweets with it come to your timeline.',
    history: (total) => `Uses in each of the last 24 hours, ${total} in all`,
    none: { title: 'This is no hashtag', text: 'Hashtags have letters, digits and underscores.' },
    empty: { title: 'Nobody used it yet', text: 'Write something with it, and it begins here.' },
  },
};
