// Timelines.
import { ERRORS, ITEM, PAGE, SHOWN } from './fragments.js';

export const HOME = `query Home($after: String, $mode: TimelineMode!, $explained: Boolean!) {
  homeTimeline(first: 20, after: $after, mode: $mode, device: { kind: WEB }) {
    state headCursor
    edges { ...Item ranking @include(if: $explained) { score terms { name value weight } } }
    ${PAGE}
  }
}
${ITEM}`;
export const HOME_EVENTS = `subscription HomeEvents($after: String) {
  homeTimelineEvents(after: $after, device: { kind: WEB }) {
    __typename
    ... on StreamEvent { cursor }
    ... on TimelineItemAdded { edge { ...Item } }
    ... on TimelineItemRemoved { nodeId }
    ... on TimelineReset { reason }
  }
}
${ITEM}`;
export const SET_READ = `mutation SetRead($cursor: String!) {
  setHomeReadCursor(cursor: $cursor) { viewer { homeReadCursor } ${ERRORS} }
}`;
export const USER_TWEETS = `query UserTweets($handle: String!, $after: String, $include: UserTweets!) {
  user(handle: $handle) { tweets(first: 20, after: $after, include: $include) { edges { ...Item } ${PAGE} } }
}
${ITEM}`;
export const USER_LIKES = `query UserLikes($handle: String!, $after: String) {
  user(handle: $handle) { likes(first: 20, after: $after) { edges { cursor node { ...Shown } } ${PAGE} } }
}
${SHOWN}`;
