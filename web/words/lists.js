// Lists of one's own.
import { counted } from './counting.js';

const names = (people, count) => {
  const others = count - 1;
  return others > 0 ? `${people[0]?.name ?? ''} and ${counted(others, 'other', 'others')}` : (people[0]?.name ?? '');
};
const DID = {
  LIKE: 'liked your tweet',
  RETWEET: 'retweeted your tweet',
  QUOTE: 'quoted your tweet',
  REPLY: 'replied to you',
  MENTION: 'mentioned you',
  FOLLOW: 'followed you',
  ACCEPTED: 'accepted your request to follow them',
  FOLLOW_REQUEST: 'asked to follow you',
  SECURITY: 'Something about the safety of your account changed: a sign-in on a new device, or another password, address or handle',
  DECISION: 'Moderators decided about you or one of your tweets',
};

export const listWords = {
  notifications: {
    title: 'Notifications',
    lists: 'Which notifications',
    all: 'All',
    mentions: 'Mentions',
    unread: 'Unread:',
    did: Object.fromEntries(Object.entries(DID).map(([kind, text]) => [kind, (name) => `${name} ${text}`])),
    tell: (kind, actors, count) => `${names(actors, count)} ${DID[kind]}`.trim(),
    rest: (kind, actors, count) => `${count > 1 ? `and ${counted(count - 1, 'other', 'others')} ` : ''}${DID[kind]}`,
    kinds: {
      LIKE: 'Likes', RETWEET: 'Retweets', QUOTE: 'Quotes', REPLY: 'Replies', MENTION: 'Mentions', FOLLOW: 'New followers', FOLLOW_REQUEST: 'Follow requests',
    },
    empty: { title: 'All quiet', text: 'Likes, replies and new followers are told here.' },
  },
  bookmarks: {
    detail: 'Only you see them',
    empty: { title: 'Nothing kept yet', text: 'Bookmark a tweet, and it waits here.' },
  },
  requests: {
    title: 'Follow requests',
    accept: 'Accept',
    reject: 'Decline',
    empty: { title: 'No requests', text: 'While your account is protected, who wants to follow you asks here.' },
  },
};
