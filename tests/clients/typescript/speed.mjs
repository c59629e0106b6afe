// Hands events to a home timeline of 5,000 items, and prints the processor time that the store takes for each.
import { memoryStorage, Rookery } from 'rookery-client';

const ITEMS = 5_000;
const EVENTS = 600;
const AUTHOR = { id: 'u', handle: 'h', name: 'n', avatarUrl: null, isProtected: false, isVerified: false };
const COUNTS = { likeCount: 0, retweetCount: 0, quoteCount: 0, replyCount: 0 };
const edgeOf = (number) => ({
  cursor: `c${number}`,
  reason: 'FOLLOWING',
  node: {
    ...COUNTS,
    __typename: 'Tweet',
    id: `t${number}`,
    text: `tweet ${number}`,
    createdAt: new Date(Date.UTC(2026, 0, 1) + number * 1_000).toISOString(),
    author: AUTHOR,
  },
});
const page = {
  state: 'READY',
  headCursor: 'head',
  edges: Array.from({ length: ITEMS }, (_, index) => edgeOf(ITEMS - index)),
  pageInfo: { hasNextPage: false, endCursor: null },
};

class Socket {
  readyState = 1;
  constructor() {
    Socket.last = this;
    queueMicrotask(() => this.onopen());
  }
  send(text) {
    const { type, id } = JSON.parse(text);
    if (type === 'connection_init') this.receive({ type: 'connection_ack' });
    if (type === 'subscribe') this.id = id;
  }
  receive(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }
  event(homeTimelineEvents) {
    this.receive({ type: 'next', id: this.id, payload: { data: { homeTimelineEvents } } });
  }
  close() {}
}

const answer = { data: { homeTimeline: page } };
const fetch = async () => ({ json: async () => answer });
const rookery = new Rookery({ url: 'http://localhost/graphql', storage: memoryStorage(), fetch, webSocket: Socket });
const timeline = rookery.homeTimeline();
timeline.subscribe(() => {});
while (!Socket.last?.id) await new Promise((resolve) => setTimeout(resolve, 1));

// In milliseconds; what other programs take of the machine is not in it.
function used() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const times = [];
for (let number = 1; number <= EVENTS; number += 1) {
  const cursor = `e${number}`;
  const event =
    number % 4 === 0
      ? { __typename: 'TimelineItemRemoved', cursor, nodeId: `t${number * 2}` }
      : number % 4 === 1
        ? // Late, and in the middle.
          { __typename: 'TimelineItemAdded', cursor, edge: { ...edgeOf(number + 0.5), cursor } }
        : { __typename: 'TimelineItemAdded', cursor, edge: edgeOf(ITEMS + number) };
  const began = used();
  Socket.last.event(event);
  times.push(used() - began);
}
times.sort((one, other) => one - other);
const of = (part) => times[Math.floor(times.length * part)];
console.log(JSON.stringify({ items: timeline.get().edges.length, median: of(0.5), p99: of(0.99), most: times.at(-1) }));
process.exit(0);
