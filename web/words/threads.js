// Threads, and what tweets said before they were edited.
import { plural } from './counting.js';

export const threadWords = {
  thread: {
    title: 'Tweet',
    replies: 'Replies',
    order: 'Order of replies',
    top: 'Top',
    latest: 'Latest',
    retweets: (count) => plural(count, 'retweet', 'retweets'),
    quotes: (count) => plural(count, 'quote', 'quotes'),
    likes: (count) => plural(count, 'like', 'likes'),
    gone: { title: 'This tweet is not here', text: 'It was deleted, or it is not for you to see.' },
    noReplies: { title: 'No replies yet', text: 'Yours could be the first.' },
    noRepliesYet: { title: 'No replies yet', text: 'Those who may answer have not.' },
    lists: 'Activity',
    listNames: { quotes: 'Quotes', likes: 'Likes', retweets: 'Retweets' },
    nobody: { title: 'Nobody yet', text: 'When somebody does, they stand here.' },
  },
  revisions: {
    title: 'Earlier versions',
    current: 'As it is',
    none: { title: 'Never edited', text: 'It says what it said at first.' },
  },
};
