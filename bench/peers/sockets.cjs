// Peer of bench/comparisons/sockets.py: graphql-ws on ws. One event every EVERY_MS to all subscribers, made in this process.
// Environment: PORT, EVERY_MS.
const http = require('node:http');
const { buildSchema } = require('graphql');
const { useServer } = require('graphql-ws/use/ws');
const { WebSocketServer } = require('ws');

const schema = buildSchema(`
  scalar DateTime
  type Query { isServing: Boolean }
  type Subscription { homeTimelineEvents(after: String): HomeTimelineEvent! }
  union HomeTimelineEvent = TimelineItemAdded
  type TimelineItemAdded { cursor: String! at: DateTime! edge: TimelineEdge! }
  type TimelineEdge { cursor: String! node: TimelineItem! }
  union TimelineItem = Tweet
  type Tweet {
    id: ID! text: String! createdAt: DateTime! author: User!
    likeCount: Int! retweetCount: Int! replyCount: Int! viewerHasLiked: Boolean!
  }
  type User { id: ID! handle: String! name: String! avatarUrl: String isVerified: Boolean! }
`);
schema.getType('HomeTimelineEvent').resolveType = () => 'TimelineItemAdded';
schema.getType('TimelineItem').resolveType = () => 'Tweet';

const author = { id: 'VXNlcjox', handle: 'person_0', name: 'Person 0', avatarUrl: null, isVerified: false };
let count = 0;

function nextEvent() {
  const cursor = `AAABnw7QyGAAAAAAAAAAAp_${String((count += 1)).padStart(13, '0')}`;
  const at = new Date().toISOString();
  const counts = { likeCount: 0, retweetCount: 0, replyCount: 0, viewerHasLiked: false };
  const node = { id: cursor, text: `Rook number ${count} has landed, sent at ${Date.now() / 1000}`, createdAt: at, author, ...counts };
  return { homeTimelineEvents: { cursor, at, edge: { cursor, node } } };
}

// Each subscriber has a queue of its own, as a server with a broker behind it has.
const subscribers = new Set();
setInterval(() => {
  const event = nextEvent();
  for (const hand of subscribers) hand(event);
}, Number(process.env.EVERY_MS));

schema.getSubscriptionType().getFields().homeTimelineEvents.subscribe = async function* subscribe() {
  const waiting = [];
  let wake = () => {};
  const hand = (event) => {
    waiting.push(event);
    wake();
  };
  subscribers.add(hand);
  try {
    for (;;) {
      while (waiting.length > 0) yield waiting.shift();
      await new Promise((resolve) => (wake = resolve));
    }
  } finally {
    subscribers.delete(hand);
  }
};

const server = http.createServer();
useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }));
server.listen(Number(process.env.PORT), '127.0.0.1', 4096);
