// mercurius on Fastify, with its compiler. Environment: PORT, REDIS_URL, LOADERS=1 for its own loaders in place of DataLoader.
const fastify = require('fastify');
const mercurius = require('mercurius');
const { context, homeTimeline, liked, resolvers, rows, tweetType, typeDefs, viewerOf } = require('./store.cjs');

const uncached = (loader) => ({ loader, opts: { cache: false } });

async function authors(queries) {
  const ids = [...new Set(queries.map(({ obj }) => obj.authorId))];
  const users = new Map((await rows('user', ids)).map((user) => [user.id, user]));
  return queries.map(({ obj }) => users.get(obj.authorId));
}

const loaders = {
  TimelineEdge: { node: uncached((queries) => rows('tweet', queries.map(({ obj }) => obj.cursor))) },
  Tweet: {
    author: uncached(authors),
    viewerHasLiked: uncached((queries, { viewer }) => liked(viewer, queries.map(({ obj }) => obj.id))),
  },
};

const union = { TimelineItem: { resolveType: tweetType } };
const ways =
  process.env.LOADERS === '1'
    ? { loaders, resolvers: { Query: { homeTimeline }, ...union }, context: (request) => ({ viewer: viewerOf(request) }) }
    : { resolvers: { ...resolvers, ...union }, context };
const app = fastify();
app.register(mercurius, { schema: typeDefs, jit: 1, ...ways });
app.listen({ port: Number(process.env.PORT) });
