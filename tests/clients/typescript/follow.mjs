// Tabs of one browser that follow a home timeline. Each line of input is a command, and is answered by one line.
//   node follow.mjs URL LOGIN PASSWORD TRANSPORT...    LOGIN "token": PASSWORD is an access token
// A tab for each transport: sockets, events, or blocked, whose sockets never come about.
import { createInterface } from 'node:readline';
import { memoryStorage, Rookery, tweetOf } from 'rookery-client';
import { WebSocket } from 'ws';

class BlockedSocket {
  constructor() {
    queueMicrotask(() => this.onclose({ code: 1006 }));
  }
  close() {}
}

const [url, login, password, ...transports] = process.argv.slice(2);
const SOCKETS = { sockets: WebSocket, events: null, blocked: BlockedSocket };
const storage = memoryStorage();
let skippedMs = 0;
let renewals = 0;
const counting = (address, options) => {
  if (String(options?.body).includes('mutation RefreshTokens')) renewals += 1;
  return fetch(address, options);
};

const tabs = transports.map((transport) => {
  const now = () => Date.now() + skippedMs;
  return new Rookery({ url, storage, webSocket: SOCKETS[transport], now, fetch: counting });
});
if (login === 'token') tabs[0].use({ accessToken: password, refreshToken: '', expiresAt: '2100-01-01T00:00:00Z' });
else await tabs[0].signIn(login, password);
const idsOf = (tab) => tab.homeTimeline().get().edges.map(({ node }) => node.id);
const marksOf = (tab, id) => {
  const { likeCount, viewerHasLiked } = tabs[tab].homeTimeline().get().edges.map(tweetOf).find((tweet) => tweet.id === id);
  return { likeCount, viewerHasLiked };
};
const wordsOf = ({ node }) => ({ isPending: node.id.startsWith('pending:'), text: node.text });
let act = Promise.resolve();
const acted = (promise) => {
  act = promise;
  act.catch(() => {});
};
let twice = 0;
for (const tab of tabs) {
  tab.homeTimeline().subscribe(({ edges }) => {
    if (new Set(edges.map(({ node }) => node.id)).size !== edges.length) twice += 1;
  });
  tab.notifications().subscribe(() => {});
}

const commands = {
  items: ({ tab }) => idsOf(tabs[tab]),
  view: ({ tab }) => ({ ...tabs[tab].homeTimeline().get(), edges: undefined, connection: tabs[tab].connection.get() }),
  notifications: ({ tab }) => {
    const { groups, unreadCount } = tabs[tab].notifications().get();
    return { ids: groups.map(({ id }) => id), unreadCount };
  },
  more: ({ tab }) => tabs[tab].homeTimeline().more(),
  marks: ({ tab, id }) => marksOf(tab, id),
  like: ({ tab, id }) => {
    acted(tabs[tab].acts.like(id));
    return marksOf(tab, id);
  },
  post: async ({ tab, text }) => {
    await tabs[tab].me();
    acted(tabs[tab].post({ text }));
    await null;
    await null;
    return wordsOf(tabs[tab].homeTimeline().get().edges[0]);
  },
  outcome: () => act.then(() => 'done', ({ code }) => code),
  words: ({ tab }) => tabs[tab].homeTimeline().get().edges.map(wordsOf),
  upload: async ({ tab, base64 }) => {
    const parts = [];
    const picture = new Blob([Buffer.from(base64, 'base64')], { type: 'image/png' });
    const { ready } = await tabs[tab].upload(picture, { altText: 'red', onProgress: (part) => parts.push(part) });
    const { state, altText, variants } = await ready();
    return { first: parts[0], last: parts.at(-1), state, altText, variants: variants.length > 0 };
  },
  updates: ({ tab, id }) => {
    tabs[tab].tweet(id).subscribe(() => {});
    return tabs[tab].tweet(id).get();
  },
  twice: () => twice,
  renewals: () => renewals,
  signIn: ({ tab, handle }) => tabs[tab].signIn(handle, password),
  signOut: ({ tab }) => tabs[tab].signOut(),
  signedIn: () => tabs.map((tab) => tab.signedIn.get() !== null),
  sleep: ({ milliseconds }) => void (skippedMs += milliseconds),
  ask: async ({ tab }) => (await tabs[tab].me()).handle,
};
for await (const line of createInterface({ input: process.stdin })) {
  const { do: name, ...more } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ value: (await commands[name](more)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error?.stack ?? error) }));
  }
}
process.exit(0);
