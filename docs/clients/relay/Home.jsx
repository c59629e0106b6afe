// The home timeline as a Relay connection: pages, live events from headCursor on, and a like that shows at once.
import React, { Suspense, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import relay from 'react-relay';
import { makeEnvironment } from './environment.js';

const {
  RelayEnvironmentProvider, graphql, useFragment, useLazyLoadQuery, useMutation, usePaginationFragment, useSubscription,
} = relay;

const HOME = graphql`
  query HomeQuery {
    ...Home_timeline
  }
`;
const TIMELINE = graphql`
  fragment Home_timeline on Query
  @refetchable(queryName: "HomePageQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }) {
    homeTimeline(first: $first, after: $after) @connection(key: "Home_homeTimeline") {
      __id
      headCursor
      edges {
        node {
          __typename
          ... on Node { id }
          ... on Tweet { ...Home_row @alias(as: "row") }
          ... on Retweet { tweet { ...Home_row } }
          ... on PromotedTweet { tweet { ...Home_row } }
        }
      }
    }
  }
`;
const ROW = graphql`
  fragment Home_row on Tweet {
    id
    text
    likeCount
    viewerHasLiked
    author { handle }
  }
`;
const EVENTS = graphql`
  subscription HomeEventsSubscription($after: String, $connections: [ID!]!) {
    homeTimelineEvents(after: $after) {
      __typename
      ... on StreamEvent { cursor }
      ... on TimelineItemAdded {
        edge @prependEdge(connections: $connections) {
          cursor
          node { __typename ... on Node { id } ... on Tweet { ...Home_row @alias(as: "row") } ... on Retweet { tweet { ...Home_row } } }
        }
      }
      ... on TimelineItemRemoved { nodeId @deleteEdge(connections: $connections) }
    }
  }
`;
const LIKE = graphql`
  mutation HomeLikeMutation($id: ID!) {
    like(tweetId: $id) { tweet { id likeCount viewerHasLiked } userErrors { message } }
  }
`;

export function start(element, session) {
  const root = createRoot(element);
  root.render(
    <RelayEnvironmentProvider environment={makeEnvironment(session)}>
      <Suspense fallback={<p>Loading …</p>}><Home /></Suspense>
    </RelayEnvironmentProvider>,
  );
  return () => root.unmount();
}

function Home() {
  const { data, hasNext, loadNext, refetch } = usePaginationFragment(TIMELINE, useLazyLoadQuery(HOME, {}));
  const { __id: id, edges, headCursor } = data.homeTimeline;
  const [readings, setReadings] = useState(0);
  const after = useMemo(() => headCursor, [readings]);
  const onNext = ({ homeTimelineEvents: event }) => {
    if (event.__typename !== 'TimelineReset') return;
    refetch({}, { fetchPolicy: 'network-only', onComplete: () => setReadings((count) => count + 1) });
  };
  const variables = { after, connections: [id] };
  useSubscription(useMemo(() => ({ subscription: EVENTS, variables, onNext }), [id, after]));
  return (
    <main>
      {edges.map(({ node }) => <Row key={node.id} tweet={node.tweet ?? node.row} />)}
      {hasNext && <button onClick={() => loadNext(20)}>More</button>}
    </main>
  );
}

function Row({ tweet: reference }) {
  const tweet = useFragment(ROW, reference);
  const [like] = useMutation(LIKE);
  const send = () => like({
    variables: { id: tweet.id },
    optimisticResponse: {
      like: { tweet: { id: tweet.id, likeCount: tweet.likeCount + 1, viewerHasLiked: true }, userErrors: [] },
    },
  });
  return (
    <article>
      <b>@{tweet.author.handle}</b> {tweet.text}
      <button aria-pressed={tweet.viewerHasLiked} onClick={send}>{tweet.likeCount} likes</button>
    </article>
  );
}
