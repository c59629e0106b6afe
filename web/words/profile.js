// A profile.
import { plural } from './counting.js';

export const profileWords = {
  about: (name) => `About ${name}`,
  tweets: (shown, count) => `${shown} ${plural(count, 'tweet', 'tweets')}`,
  edit: 'Edit profile',
  more: 'More about this account',
  joined: (month) => `Joined ${month}`,
  following: 'following',
  followers: (count) => plural(count, 'follower', 'followers'),
  known: (people) => `Followed by ${new Intl.ListFormat('en').format(people)}, whom you follow`,
  lists: 'Tweets of this person',
  peopleLists: 'People',
  listNames: {
    tweets: 'Tweets', replies: 'Tweets and replies', likes: 'Likes', followers: 'Followers', following: 'Following', known: 'You know',
  },
  nobody: { title: 'Nobody here', text: 'There is no account of this name.' },
  isProtected: { title: 'These tweets are protected', text: 'Only accepted followers see what they write.' },
  empty: {
    tweets: { title: 'Nothing yet', text: 'What they write stands here.' },
    likes: { title: 'No likes yet', text: 'Tweets they like stand here.' },
    followers: { title: 'No followers yet', text: 'Who follows them stands here.' },
    following: { title: 'Following nobody yet', text: 'Whom they follow stands here.' },
    known: { title: 'Nobody you follow', text: 'None of those whom you follow follows them.' },
  },
};
