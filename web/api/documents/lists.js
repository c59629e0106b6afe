// Bookmarks, and who asks to follow.
import { CARD, PAGE, SHOWN } from './fragments.js';

export const BOOKMARKS = `query Bookmarks($after: String) {
  viewer { bookmarks(first: 20, after: $after) { edges { cursor node { ...Shown } } ${PAGE} } }
}
${SHOWN}`;
export const FOLLOW_REQUESTS = `query FollowRequests($after: String) {
  viewer { followRequests(first: 20, after: $after) { edges { cursor node { ...Card } } ${PAGE} } }
}
${CARD}`;
