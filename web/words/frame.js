// What is the same in all views.
import { atMost99 } from './counting.js';

const ERRORS = {
  NETWORK: 'The server does not answer. Check the connection, then try again.',
  UNAUTHENTICATED: 'You are no longer signed in.',
  FORBIDDEN: 'You may not do that.',
  NOT_FOUND: 'It is not there any more, or you may not see it.',
  RATE_LIMITED: 'That was a lot at a time. Wait a moment, then try again.',
  UNAVAILABLE: 'The server is not ready for this at the moment. Try again shortly.',
};

const tellCode = (error) =>
  error?.code === 'BAD_USER_INPUT' ? error.message : (ERRORS[error?.code] ?? 'Something went wrong. Try again.');

export const frameWords = {
  title: (view, unread) => `${unread ? `(${atMost99(unread)}) ` : ''}${view} · Rookery`,
  acts: { close: 'Close', cancel: 'Cancel', back: 'Back', retry: 'Try again', save: 'Save', add: 'Add' },
  errors: {
    tell: (error) => (error?.userErrors ? error.message : tellCode(error)),
  },
  states: {
    loading: 'Loading',
    end: 'That is all there is.',
    offlineTitle: 'Out of reach',
    failedTitle: 'That did not work',
  },
  time: { now: 'now', minutes: (count) => `${count} min`, hours: (count) => `${count} h` },
  devices: { WEB: 'Web', IOS: 'iPhone or iPad', ANDROID: 'Android', API: 'another program' },
  nav: {
    label: 'Main',
    logo: 'Rookery, home',
    skip: 'Skip to content',
    home: 'Home',
    explore: 'Explore',
    notifications: 'Notifications',
    bookmarks: 'Bookmarks',
    lists: 'Lists',
    profile: 'Profile',
    campaigns: 'Campaigns',
    settings: 'Settings',
    moderation: 'Moderation',
    signIn: 'Sign in',
    signUp: 'Sign up',
    signOut: 'Sign out',
    graphiql: 'GraphiQL',
    compose: 'Tweet',
    unread: (count) => `${count >= 100 ? 'more than 99' : count} unread`,
    badge: atMost99,
    account: (name, handle) => `Account: ${name} @${handle}`,
  },
  theme: { label: 'Appearance', names: { system: 'Like the system', light: 'Light', dark: 'Dark' } },
  notice: {
    lost: 'Connection lost. Trying again …',
    offline: 'You are offline. What you see may be old.',
    crowded: 'You are signed in on many devices at once, so this one is not live. Trying again …',
    back: 'Back, and nothing was missed.',
  },
  nothing: { title: 'Nothing here', text: 'There is no page at this address.' },
};
