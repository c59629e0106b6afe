// The home timeline with urql: queries over HTTP, live events over one websocket from the page's headCursor on.
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Client, Provider, cacheExchange, fetchExchange, gql, subscriptionExchange, useClient, useMutation } from 'urql';
import { liveOf } from '../live.js';

const ROW = gql`
  fragment Row on Tweet { id text likeCount viewerHasLiked author { id handle } }
`;
const HOME = gql`
  query Home($after: String) {
    homeTimeline(first: 20, after: $after) {
      headCursor
      edges { node { ... on Node { id } ...Row ... on Retweet { tweet { ...Row } } ... on PromotedTweet { tweet { ...Row } } } }
      pageInfo { hasNextPage endCursor }
    }
  }
  ${ROW}
`;
const EVENTS = gql`
  subscription Events($after: String) {
    homeTimelineEvents(after: $after) {
      __typename
      ... on StreamEvent { cursor }
      ... on TimelineItemAdded { edge { node { ... on Node { id } ...Row ... on Retweet { tweet { ...Row } } } } }
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

export function makeClient(session) {
  const subscribe = liveOf(session);
  return new Client({
    url: session.url,
    preferGetMethod: false,
    fetch: session.fetch,
    exchanges: [
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (operation) => ({ subscribe: (sink) => ({ unsubscribe: subscribe(operation, sink) }) }),
      }),
    ],
  });
}

export function start(element, session) {
  const root = createRoot(element);
  root.render(
    <Provider value={makeClient(session)}>
      <Home />
    </Provider>,
  );
  return () => root.unmount();
}

function Home() {
  const { items, page, error, more } = useHome();
  if (error) return <p role="alert">{error.message}</p>;
  if (!page) return <p>Loading …</p>;
  return (
    <main>
      {items.map((node) => <Row key={node.id} tweet={node.tweet ?? node} />)}
      {page.hasNextPage && <button onClick={more}>More</button>}
    </main>
  );
}

/** The items read so far, the newest first, with what happens meanwhile. */
function useHome() {
  const client = useClient();
  const [state, setState] = useState({ items: [], page: null, error: null });
  const load = async (after) => {
    const { data, error } = await client.query(HOME, { after }, { requestPolicy: 'network-only' }).toPromise();
    if (error) return setState((before) => ({ ...before, error }));
    const { edges, pageInfo, headCursor } = data.homeTimeline;
    const nodes = edges.map(({ node }) => node);
    setState(({ items }) => ({ items: after ? [...items, ...nodes] : nodes, page: pageInfo, error: null }));
    return headCursor;
  };
  useEffect(() => {
    let following = null;
    let isOver = false;
    const begin = async () => {
      following?.unsubscribe();
      const after = await load(null);
      if (isOver || !after) return;
      following = client.subscription(EVENTS, { after }).subscribe(({ data }) => {
        if (!data) return;
        if (data.homeTimelineEvents.__typename === 'TimelineReset') begin();
        else setState((before) => ({ ...before, items: itemsAfter(before.items, data.homeTimelineEvents) }));
      });
    };
    begin();
    return () => {
      isOver = true;
      following?.unsubscribe();
    };
  }, [client]);
  return { ...state, more: () => load(state.page.endCursor) };
}

function itemsAfter(items, event) {
  if (event.__typename === 'TimelineItemAdded') return [event.edge.node, ...items];
  return items.filter(({ id }) => id !== event.nodeId);
}

function Row({ tweet }) {
  const [{ data }, like] = useMutation(LIKE);
  const { likeCount, viewerHasLiked } = data?.like.tweet ?? tweet;
  return (
    <article>
      <b>@{tweet.author.handle}</b> {tweet.text}
      <button aria-pressed={viewerHasLiked} onClick={() => like({ id: tweet.id })}>{likeCount} likes</button>
    </article>
  );
}
