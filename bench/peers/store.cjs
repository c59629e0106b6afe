// What the peers on Node.js share: rows from Redis, and resolvers with a DataLoader of each kind for each request, as
// the manuals of these servers advise. Environment: REDIS_URL.
const fs = require('node:fs');
const path = require('node:path');
const DataLoader = require('dataloader');
const { Redis } = require('ioredis');

const redis = new Redis(process.env.REDIS_URL, { enableAutoPipelining: true });
const typeDefs = fs.readFileSync(path.join(__dirname, 'schema.graphql'), 'utf8');

async function rows(kind, ids) {
  const found = await redis.mget(ids.map((id) => `${kind}:${id}`));
  return found.map((row) => JSON.parse(row));
}

async function liked(viewer, ids) {
  const flags = await redis.smismember(`likes:${viewer}`, ...ids);
  return flags.map(Boolean);
}

async function homeTimeline(_, { first, after }, { viewer }) {
  const start = after ? ((await redis.lpos(`tl:${viewer}`, after)) ?? -1) + 1 : 0;
  const ids = await redis.lrange(`tl:${viewer}`, start, start + first);
  const shown = ids.slice(0, first);
  return {
    edges: shown.map((cursor) => ({ cursor })),
    pageInfo: { hasNextPage: ids.length > first, endCursor: shown.at(-1) ?? null },
  };
}

const tweetType = () => 'Tweet';

const resolvers = {
  Query: { homeTimeline },
  TimelineEdge: { node: (edge, _, { tweets }) => tweets.load(edge.cursor) },
  Tweet: {
    author: (tweet, _, { users }) => users.load(tweet.authorId),
    viewerHasLiked: (tweet, _, { likes }) => likes.load(tweet.id),
  },
};

const viewerOf = (request) => request.headers['x-user'] ?? '';

function context(request) {
  const viewer = viewerOf(request);
  return {
    viewer,
    tweets: new DataLoader((ids) => rows('tweet', ids)),
    users: new DataLoader((ids) => rows('user', ids)),
    likes: new DataLoader((ids) => liked(viewer, ids)),
  };
}

module.exports = { typeDefs, resolvers, context, homeTimeline, rows, liked, tweetType, viewerOf };
