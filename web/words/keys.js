// What each key does.
export const keyWords = {
  title: 'Keys',
  list: [
    ['j', 'the next tweet'], ['k', 'the tweet before'], ['Enter', 'open'], ['n', 'write'], ['.', 'show what is new'],
    ['l', 'like'], ['r', 'reply'], ['t', 'retweet'], ['b', 'bookmark'], ['/', 'search'],
    ['g h', 'home'], ['g e', 'explore'], ['g n', 'notifications'], ['g p', 'profile'], ['g b', 'bookmarks'], ['g s', 'settings'], ['?', 'this list'],
  ],
};
