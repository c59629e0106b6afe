// Apollo Server by itself. Environment: PORT, REDIS_URL.
const { ApolloServer } = require('@apollo/server');
const { startStandaloneServer } = require('@apollo/server/standalone');
const { context, resolvers, tweetType, typeDefs } = require('./store.cjs');

const server = new ApolloServer({ typeDefs, resolvers: { ...resolvers, TimelineItem: { __resolveType: tweetType } } });
startStandaloneServer(server, {
  listen: { port: Number(process.env.PORT), path: '/graphql' },
  context: async ({ req }) => context(req),
});
