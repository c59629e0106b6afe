// Apollo Client for Rookery: HTTP for queries and mutations, one websocket for subscriptions; the session renews its token.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode, print } from 'graphql';
import { Observable } from 'rxjs';
import { liveOf } from '../live.js';

export function makeClient(session) {
  const subscribe = liveOf(session);
  const live = new ApolloLink(
    ({ query, variables }) => new Observable((sink) => subscribe({ query: print(query), variables }, sink)),
  );
  return new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      live,
      new HttpLink({ uri: session.url, fetch: session.fetch }),
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
