import { memo } from 'react';
import { tweetOf, type TimelineEdge } from 'rookery-client';
import { useHomeTimeline, useRookery, useWatch } from 'rookery-client/react';
import { useAct } from './useAct';

export function Home() {
  const rookery = useRookery();
  const { status, edges, hasMore, isLoadingMore, error } = useHomeTimeline();
  const older = useAct();
  useWatch(edges.slice(0, 100).map((edge) => tweetOf(edge).id));
  if (status === 'loading') return <p>Loading …</p>;
  if (status === 'failed') return <p role="alert">{error?.message}</p>;
  return (
    <>
      {edges.map((edge) => (
        <Item key={edge.node.id} edge={edge} />
      ))}
      {older.error && <p role="alert">{older.error}</p>}
      {hasMore && (
        <button disabled={isLoadingMore} onClick={() => void older.act(() => rookery.homeTimeline().more())}>
          Older tweets
        </button>
      )}
    </>
  );
}

// An edge is the same object until something in it changes.
const Item = memo(function Item({ edge }: { edge: TimelineEdge }) {
  const { acts } = useRookery();
  const { act, error } = useAct();
  const { id, author, text, likeCount, viewerHasLiked } = tweetOf(edge);
  const isPending = id.startsWith('pending:');
  return (
    <article aria-busy={isPending}>
      <Reason edge={edge} />
      <strong>{author.name}</strong> <span>@{author.handle}</span>
      <p>{text}</p>
      {error && <p role="alert">{error}</p>}
      <button
        disabled={isPending}
        aria-pressed={viewerHasLiked}
        onClick={() => void act(() => (viewerHasLiked ? acts.unlike(id) : acts.like(id)))}
      >
        Like {likeCount}
      </button>
    </article>
  );
});

function Reason({ edge: { node } }: { edge: TimelineEdge }) {
  if (node.__typename === 'Retweet') return <small>{node.user.name} retweeted</small>;
  return node.__typename === 'PromotedTweet' ? <small>Promoted by {node.advertiser.name}</small> : null;
}
