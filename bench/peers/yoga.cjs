// GraphQL Yoga. Environment: PORT, REDIS_URL, JIT=1 for graphql-jit.
const http = require('node:http');
const { createSchema, createYoga } = require('graphql-yoga');
const { context, resolvers, tweetType, typeDefs } = require('./store.cjs');

const plugins = process.env.JIT === '1' ? [require('@envelop/graphql-jit').useGraphQlJit()] : [];
const schema = createSchema({
  typeDefs,
  resolvers: { ...resolvers, TimelineItem: { __resolveType: tweetType } },
});
const yoga = createYoga({ schema, plugins, context: ({ req }) => context(req), logging: false });
http.createServer(yoga).listen(Number(process.env.PORT));
