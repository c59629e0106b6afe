// The mixed load on mercurius with its compiler: tokens of sessions that stand, points a minute, rules of who may see
// what, posts in a transaction and told to a worker. Environment: PORT, SECRET_KEY, and that of rows.cjs.
const fs = require('node:fs');
const path = require('node:path');
const DataLoader = require('dataloader');
const fastify = require('fastify');
const mercurius = require('mercurius');
const { createVerifier } = require('fast-jwt');
const { STREAM, database, liked, mongo, redis, rows } = require('./rows.cjs');

const POINTS_A_MINUTE = 60_000;
const SPARE = 10;
const verify = createVerifier({ key: process.env.SECRET_KEY, algorithms: ['HS256'], cache: 1000 });

async function viewerOf(request) {
  const token = (request.headers.authorization ?? '').replace(/^Bearer /i, '');
  const claims = verify(token);
  const [[session], points] = await Promise.all([rows('session', [claims.sid]), spend(claims.sub)]);
  if (!session || session.user !== claims.sub) throw new mercurius.ErrorWithProps('Sign in first.', { code: 'UNAUTHENTICATED' });
  if (points > POINTS_A_MINUTE) throw new mercurius.ErrorWithProps('Too much.', { code: 'RATE_LIMITED' });
  return claims.sub;
}

async function spend(viewer) {
  const key = `rate:${viewer}:${Math.floor(Date.now() / 60_000)}`;
  const [[, points]] = await redis.multi().incrby(key, 50).expire(key, 60).exec();
  return points;
}

async function context(request) {
  const viewer = await viewerOf(request);
  return {
    viewer,
    users: new DataLoader((ids) => rows('user', ids)),
    counts: new DataLoader((ids) => rows('counts', ids)),
    likes: new DataLoader((ids) => liked(viewer, ids)),
  };
}

const maySee = (view, tweet) =>
  tweet !== null && !view.hidden.includes(tweet.author) && (tweet.author === view._id || view.followees.includes(tweet.author));

async function homeTimeline(_, { first, after }, { viewer }) {
  const start = after ? ((await redis.lpos(`tl:${viewer}`, after)) ?? -1) + 1 : 0;
  const [ids, [view]] = await Promise.all([redis.lrange(`tl:${viewer}`, start, start + first + SPARE), rows('view', [viewer])]);
  return connection((await rows('tweet', ids)).filter((tweet) => maySee(view, tweet)), first);
}

const owners = new Map();

async function userOf(_, { handle }) {
  const known = owners.has(handle) ? (await rows('user', [owners.get(handle)]))[0] : null;
  if (known?.handle === handle) return known;
  const found = await database.collection('users').findOne({ handle });
  if (found) owners.set(handle, found._id);
  return found;
}

async function tweetsOf(user, { first }, { viewer }) {
  const [[view], ids] = await Promise.all([rows('view', [viewer]), newestOf(user._id)]);
  return connection(view.hidden.includes(user._id) ? [] : await rows('tweet', ids.slice(0, first + 1)), first);
}

async function newestOf(author) {
  const kept = await redis.get(`newest:${author}`);
  if (kept) return JSON.parse(kept);
  const found = await database.collection('tweets').find({ author }, { projection: { _id: 1 } }).sort({ _id: -1 }).limit(64).toArray();
  const ids = found.map((row) => row._id);
  redis.set(`newest:${author}`, JSON.stringify(ids), 'EX', 36);
  return ids;
}

function connection(tweets, first) {
  const shown = tweets.slice(0, first);
  return {
    edges: shown.map((node) => ({ cursor: node._id, node })),
    pageInfo: { hasNextPage: tweets.length > first, endCursor: shown.at(-1)?._id ?? null },
  };
}

let last = 0n;

function newId() {
  const now = BigInt(Date.now() - Date.UTC(2006, 0, 1)) << 22n;
  last = now > last ? now : last + 1n;
  return String(last);
}

async function postTweet(_, { input: { text } }, { viewer }) {
  if (!text || text.length > 280) return { tweet: null, userErrors: [{ message: '1-280 characters.', field: ['input', 'text'] }] };
  const tweet = { _id: newId(), author: viewer, text, createdAt: new Date().toISOString() };
  const counts = { likes: 0, retweets: 0, replies: 0 };
  await mongo.withSession((session) =>
    session.withTransaction(async () => {
      await database.collection('tweets').insertOne({ ...tweet, counts, fanout: 'pending' }, { session });
      await database.collection('users').updateOne({ _id: viewer }, { $inc: { tweets: 1 } }, { session });
    }),
  );
  await redis.del(`newest:${viewer}`);
  await redis.xadd(STREAM, '*', 'tweet', tweet._id, 'author', viewer);
  return { tweet, userErrors: [] };
}

const resolvers = {
  Query: {
    homeTimeline,
    user: userOf,
  },
  Mutation: { postTweet },
  TimelineItem: { resolveType: () => 'Tweet' },
  User: { id: (user) => user._id, tweets: tweetsOf },
  Tweet: {
    id: (tweet) => tweet._id,
    author: (tweet, _, { users }) => users.load(tweet.author),
    likeCount: async (tweet, _, { counts }) => (await counts.load(tweet._id)).counts.likes,
    retweetCount: async (tweet, _, { counts }) => (await counts.load(tweet._id)).counts.retweets,
    replyCount: async (tweet, _, { counts }) => (await counts.load(tweet._id)).counts.replies,
    viewerHasLiked: (tweet, _, { likes }) => likes.load(tweet._id),
  },
};

const schema = fs.readFileSync(path.join(__dirname, 'mixed.graphql'), 'utf8');
const app = fastify();
app.register(mercurius, { schema, resolvers, context, jit: 1 });
mongo.connect().then(() => app.listen({ port: Number(process.env.PORT) }));
