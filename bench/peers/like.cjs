// A like on mercurius with its compiler, as little as it can be: a token check, the edge, and a count. Environment:
// PORT, SECRET_KEY, MONGO_URL; the database "peer".
const fastify = require('fastify');
const mercurius = require('mercurius');
const { createVerifier } = require('fast-jwt');
const { MongoClient } = require('mongodb');

const verify = createVerifier({ key: process.env.SECRET_KEY, algorithms: ['HS256'], cache: 1000 });
const mongo = new MongoClient(process.env.MONGO_URL, { w: 'majority' });
const likes = mongo.db('peer').collection('likes');
const tweets = mongo.db('peer').collection('tweets');

const schema = `
  type Query { ping: Boolean! }
  type UserError { message: String! }
  type TweetPayload { userErrors: [UserError!]! }
  type Mutation { like(tweetId: ID!): TweetPayload! }
`;

function context(request) {
  return { viewer: verify((request.headers.authorization ?? '').replace(/^Bearer /i, '')).sub };
}

async function like(_, { tweetId }, { viewer }) {
  await likes.insertOne({ user: viewer, target: tweetId });
  await tweets.updateOne({ _id: tweetId }, { $inc: { likes: 1 } });
  return { userErrors: [] };
}

async function serve() {
  await mongo.connect();
  await likes.createIndex({ user: 1, target: 1 }, { unique: true });
  const app = fastify();
  app.register(mercurius, { schema, resolvers: { Query: { ping: () => true }, Mutation: { like } }, context, jit: 1 });
  await app.listen({ port: Number(process.env.PORT) });
}

serve();
