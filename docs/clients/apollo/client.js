// Apollo Client for Rookery: HTTP for queries and mutations, one websocket for subscriptions.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';

/** `url` is the address of /graphql, `token()` a valid access token. */
export function makeClient(url, token) {
  const authorization = () => ({ authorization: `Bearer ${token()}` });
  const signedIn = new ApolloLink((operation, forward) => {
    operation.setContext({ headers: authorization() });
    return forward(operation);
  });
  const live = new GraphQLWsLink(createClient({ url: url.replace('http', 'ws'), connectionParams: authorization }));
  return new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      live,
      signedIn.concat(new HttpLink({ uri: url })),
    ),
    cache: new InMemoryCache({
      possibleTypes: {
        TimelineItem: ['Tweet', 'Retweet', 'PromotedTweet'],
        Node: ['Tweet', 'Retweet', 'PromotedTweet', 'User', 'Hashtag', 'Notification', 'Campaign'],
        StreamEvent: ['TimelineItemAdded', 'TimelineItemRemoved', 'TimelineReset'],
      },
      // One list for each mode, however many pages were read of it.
      typePolicies: { Query: { fields: { homeTimeline: relayStylePagination(['mode']) } } },
    }),
  });
}
