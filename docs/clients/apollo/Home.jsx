// The home timeline: read page by page, followed live from its headCursor on, with a like that shows at once.
import { gql } from '@apollo/client';
import { ApolloProvider, useMutation, useQuery } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { makeClient } from './client.js';

const ROW = gql`
  fragment Row on Tweet {
    id
    text
    likeCount
    viewerHasLiked
    author {
      id
      handle
    }
  }
`;
const HOME = gql`
  query Home($after: String) {
    homeTimeline(first: 20, after: $after) {
      headCursor
      edges {
        cursor
        node {
          ... on Node { id }
          ...Row
          ... on Retweet { tweet { ...Row } }
          ... on PromotedTweet { tweet { ...Row } }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
  ${ROW}
`;
const EVENTS = gql`
  subscription Events($after: String) {
    homeTimelineEvents(after: $after) {
      ... on StreamEvent { cursor }
      ... on TimelineItemAdded { edge { cursor node { ... on Node { id } ...Row ... on Retweet { tweet { ...Row } } } } }
      ... on TimelineItemRemoved { nodeId }
    }
  }
  ${ROW}
`;
const LIKE = gql`
  mutation Like($id: ID!) {
    like(tweetId: $id) { tweet { id likeCount viewerHasLiked } userErrors { message } }
  }
`;

export function start(element, session) {
  const root = createRoot(element);
  root.render(
    <ApolloProvider client={makeClient(session)}>
      <Home />
    </ApolloProvider>,
  );
  return () => root.unmount();
}

function Home() {
  const { data, error, fetchMore, subscribeToMore, refetch } = useQuery(HOME);
  const [readings, setReadings] = useState(0);
  const isThere = Boolean(data);
  useEffect(() => {
    if (!isThere) return undefined;
    return subscribeToMore({
      document: EVENTS,
      variables: { after: data.homeTimeline.headCursor },
      updateQuery: (before, { subscriptionData }) => {
        const event = subscriptionData.data.homeTimelineEvents;
        if (event.__typename === 'TimelineReset') refetch().then(() => setReadings((count) => count + 1));
        return { homeTimeline: { ...before.homeTimeline, edges: edgesAfter(before.homeTimeline.edges, event) } };
      },
    });
  }, [isThere, readings]);
  if (error) return <p role="alert">{error.message}</p>;
  if (!data) return <p>Loading …</p>;
  const { edges, pageInfo } = data.homeTimeline;
  return (
    <main>
      {edges.map(({ node }) => <Row key={node.id} tweet={node.tweet ?? node} />)}
      {pageInfo.hasNextPage && (
        <button onClick={() => fetchMore({ variables: { after: pageInfo.endCursor } })}>More</button>
      )}
    </main>
  );
}

function edgesAfter(edges, event) {
  const nodeId = event.edge?.node.id ?? event.nodeId;
  const others = edges.filter(({ node }) => node.id !== nodeId);
  return event.__typename === 'TimelineItemAdded' ? [event.edge, ...others] : others;
}

function Row({ tweet }) {
  const [like] = useMutation(LIKE, {
    variables: { id: tweet.id },
    optimisticResponse: {
      like: {
        __typename: 'TweetPayload',
        tweet: { __typename: 'Tweet', id: tweet.id, likeCount: tweet.likeCount + 1, viewerHasLiked: true },
        userErrors: [],
      },
    },
  });
  return (
    <article>
      <b>@{tweet.author.handle}</b> {tweet.text}
      <button aria-pressed={tweet.viewerHasLiked} onClick={() => like()}>{tweet.likeCount} likes</button>
    </article>
  );
}
