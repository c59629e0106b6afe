// The worker of the mixed load: puts what was posted into the lists of those who follow. Environment: that of rows.cjs.
const { LIST_LENGTH, STREAM, database, mongo, redis } = require('./rows.cjs');

const GROUP = 'fanout';

async function push(tweet, author) {
  const followers = await database.collection('follows').find({ followee: author }).toArray();
  const pipeline = redis.pipeline();
  for (const reader of [author, ...followers.map((row) => row.follower)]) {
    pipeline.lpush(`tl:${reader}`, tweet).ltrim(`tl:${reader}`, 0, LIST_LENGTH - 1);
  }
  await pipeline.exec();
  await database.collection('tweets').updateOne({ _id: tweet }, { $set: { fanout: 'done' } });
}

async function work() {
  await mongo.connect();
  await redis.xgroup('CREATE', STREAM, GROUP, '0', 'MKSTREAM');
  const reader = redis.duplicate();
  for (;;) {
    const found = await reader.xreadgroup('GROUP', GROUP, 'one', 'COUNT', 50, 'BLOCK', 1000, 'STREAMS', STREAM, '>');
    for (const [id, [, tweet, , author]] of found?.[0][1] ?? []) {
      await push(tweet, author);
      await redis.xack(STREAM, GROUP, id);
    }
  }
}

work();
