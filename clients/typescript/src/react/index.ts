// React's way to the stores of a Rookery.
import { createContext, createElement, type ReactNode, useCallback, useContext, useEffect, useSyncExternalStore } from 'react';
import type { Rookery } from '../client.js';
import type { Connection } from '../live/live.js';
import type { NotificationFilter } from '../generated.js';
import type { Store } from '../store.js';
import type { NotificationsView } from '../stores/notifications.js';
import type { TimelineView } from '../stores/timeline.js';
import type { TweetView } from '../stores/tweets.js';

const Context = createContext<Rookery | null>(null);

export function RookeryProvider({ rookery, children }: { rookery: Rookery; children?: ReactNode }): ReactNode {
  return createElement(Context, { value: rookery }, children);
}

export function useRookery(): Rookery {
  const rookery = useContext(Context);
  if (!rookery) throw new Error('there is no <RookeryProvider> around this component');
  return rookery;
}

/** The value of any store, for as long as the component is shown; however often it changes, once a frame. */
export function useStore<Value>(store: Store<Value>): Value {
  const subscribe = useCallback((changed: () => void) => eachFrame(store, changed), [store]);
  return useSyncExternalStore(subscribe, store.get, store.get);
}

function eachFrame<Value>(store: Store<Value>, changed: () => void): () => void {
  let frame: number | undefined;
  const unsubscribe = store.subscribe(() => {
    // A page that is hidden has no frames.
    if (document.hidden) changed();
    else
      frame ??= requestAnimationFrame(() => {
        frame = undefined;
        changed();
      });
  });
  return () => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    unsubscribe();
  };
}

export function useHomeTimeline(): TimelineView {
  return useStore(useRookery().homeTimeline());
}

export function useListTimeline(id: string): TimelineView {
  return useStore(useRookery().listTimeline(id));
}

export function useNotifications(filter?: NotificationFilter): NotificationsView {
  return useStore(useRookery().notifications(filter));
}

export function useTweet(id: string): TweetView {
  return useStore(useRookery().tweet(id));
}

/** Whether somebody is signed in. */
export function useSignedIn(): boolean {
  return useStore(useRookery().signedIn) !== null;
}

export function useConnection(): Connection {
  return useStore(useRookery().connection);
}

/** Keeps counts of the tweets on screen current. */
export function useWatch(tweetIds: readonly string[]): void {
  const rookery = useRookery();
  const ids = tweetIds.join(' ');
  useEffect(() => rookery.watch(ids.split(' ').filter(Boolean)), [rookery, ids]);
}
