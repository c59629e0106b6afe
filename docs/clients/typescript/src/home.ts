// Reads a home timeline and follows it live, with the types of each answer.
import { liveOf } from '../../live.js';
import type { Session } from '../../session.js';
import { graphql } from './generated';
import type { HomeEventsSubscription, HomeQuery, TypedDocumentString } from './generated/graphql';

const HOME = graphql(`
  query Home($first: Int!) {
    homeTimeline(first: $first) {
      headCursor
      edges { node { __typename ... on Node { id } ... on Tweet { ...Row } ... on Retweet { tweet { ...Row } } ... on PromotedTweet { tweet { ...Row } } } }
    }
  }
  fragment Row on Tweet { text createdAt author { handle } }
`);
const EVENTS = graphql(`
  subscription HomeEvents($after: String) {
    homeTimelineEvents(after: $after) {
      __typename
      ... on StreamEvent { cursor }
      ... on TimelineItemAdded { edge { node { __typename ... on Node { id } } } }
      ... on TimelineItemRemoved { nodeId }
      ... on TimelineReset { reason }
    }
  }
`);

type Page = HomeQuery['homeTimeline'];
type Event = HomeEventsSubscription['homeTimelineEvents'];

/** The answer to an operation, whose variables and result have types. Rejects with its first error. */
export function ask<Result, Variables>(
  session: Session,
  document: TypedDocumentString<Result, Variables>,
  variables: NoInfer<Variables>,
): Promise<Result> {
  return session.ask(document.toString(), variables as object);
}

/** Calls `show` with the first page, and `happened` with each event from then on. Returns a function that ends it. */
export async function followHome(session: Session, show: (page: Page) => void, happened: (event: Event) => void) {
  const { homeTimeline } = await ask(session, HOME, { first: 20 });
  show(homeTimeline);
  const operation = { query: EVENTS.toString(), variables: { after: homeTimeline.headCursor } };
  return liveOf(session)(operation, {
    next: ({ data }: { data: HomeEventsSubscription }) => happened(data.homeTimelineEvents),
    error: (error: unknown) => console.error(error),
    complete: () => {},
  });
}

/** When a tweet was posted: DateTime is a string in JSON, an instant of RFC 3339. */
export function postedAt({ createdAt }: { createdAt: string }): Date {
  return new Date(createdAt);
}
