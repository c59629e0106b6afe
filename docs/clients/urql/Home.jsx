// The home timeline with urql: queries over HTTP, live events over one websocket from the page's headCursor on.
import { createClient as createSocket } from 'graphql-ws';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Client, Provider, cacheExchange, fetchExchange, gql, subscriptionExchange, useClient, useMutation } from 'urql';

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

export function makeClient(url, token) {
  const authorization = () => ({ authorization: `Bearer ${token()}` });
  const socket = createSocket({ url: url.replace('http', 'ws'), connectionParams: authorization });
  return new Client({
    url,
    preferGetMethod: false,
    fetchOptions: () => ({ headers: authorization() }),
    exchanges: [
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
}

export function start(element, { url, token }) {
  const root = createRoot(element);
  root.render(
    <Provider value={makeClient(url, () => token)}>
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
    load(null).then((after) => {
      if (isOver || !after) return;
      following = client.subscription(EVENTS, { after }).subscribe(({ data }) => {
        if (data) setState((before) => ({ ...before, items: itemsAfter(before.items, data.homeTimelineEvents) }));
      });
    });
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
