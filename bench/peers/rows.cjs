// The stores of the mixed load: MongoDB is the truth, Redis holds lists and rows read through it, as in the service.
// Environment: REDIS_URL, MONGO_URL; the database "peer".
const { MongoClient } = require('mongodb');
const { Redis } = require('ioredis');

const LIST_LENGTH = 800;
const TTL = { tweet: 3600, user: 3600, counts: 45, view: 3600, session: 60 };
const STREAM = 'jobs';

const redis = new Redis(process.env.REDIS_URL, { enableAutoPipelining: true });
const mongo = new MongoClient(process.env.MONGO_URL, { w: 'majority' });
const database = mongo.db('peer');

const found = {
  tweet: (ids) => database.collection('tweets').find({ _id: { $in: ids } }, { projection: { counts: 0, fanout: 0 } }).toArray(),
  counts: (ids) => database.collection('tweets').find({ _id: { $in: ids } }, { projection: { counts: 1 } }).toArray(),
  user: (ids) => database.collection('users').find({ _id: { $in: ids } }).toArray(),
  session: (ids) => database.collection('sessions').find({ _id: { $in: ids } }).toArray(),
  view: (ids) => Promise.all(ids.map(viewOf)),
};

async function viewOf(viewer) {
  const [followed, blocked, blockers, muted] = await Promise.all([
    database.collection('follows').find({ follower: viewer }).toArray(),
    database.collection('blocks').find({ user: viewer }).toArray(),
    database.collection('blocks').find({ target: viewer }).toArray(),
    database.collection('mutes').find({ user: viewer }).toArray(),
  ]);
  return {
    _id: viewer,
    followees: followed.map((row) => row.followee),
    hidden: [...blocked.map((row) => row.target), ...blockers.map((row) => row.user), ...muted.map((row) => row.target)],
  };
}

// Rows by id, in the order asked; null where there is none.
async function rows(kind, ids) {
  const unique = [...new Set(ids)];
  const kept = await redis.mget(unique.map((id) => `${kind}:${id}`));
  const known = new Map();
  const missing = [];
  unique.forEach((id, at) => (kept[at] ? known.set(id, JSON.parse(kept[at])) : missing.push(id)));
  if (missing.length) {
    for (const row of await found[kind](missing)) {
      known.set(row._id, row);
      redis.set(`${kind}:${row._id}`, JSON.stringify(row), 'EX', TTL[kind], 'NX');
    }
  }
  return ids.map((id) => known.get(id) ?? null);
}

async function liked(viewer, ids) {
  return (await redis.smismember(`likes:${viewer}`, ...ids)).map(Boolean);
}

module.exports = { LIST_LENGTH, STREAM, database, liked, mongo, redis, rows };
