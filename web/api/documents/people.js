// People.
import { CARD, ERRORS, PAGE, PROFILE, SHOWN } from './fragments.js';

export const USER = `query User($handle: String!) {
  user(handle: $handle) { ...Profile pinnedTweet { ...Shown } followersYouKnow(first: 3) { edges { node { ...Person } } } }
}
${PROFILE} ${SHOWN}`;
export const FOLLOWERS = `query Followers($handle: String!, $after: String) {
  user(handle: $handle) { followers(first: 20, after: $after) { edges { cursor node { ...Card } } ${PAGE} } }
}
${CARD}`;
export const FOLLOWING = `query Following($handle: String!, $after: String) {
  user(handle: $handle) { following(first: 20, after: $after) { edges { cursor node { ...Card } } ${PAGE} } }
}
${CARD}`;
export const FOLLOWERS_YOU_KNOW = `query FollowersYouKnow($handle: String!, $after: String) {
  user(handle: $handle) { followersYouKnow(first: 20, after: $after) { edges { cursor node { ...Card } } ${PAGE} } }
}
${CARD}`;
const onUser = (name, field) => `mutation ${name}($id: ID!) { ${field}(userId: $id) { user { ...Profile } ${ERRORS} } }
${PROFILE}`;
export const FOLLOW = onUser('Follow', 'follow');
export const UNFOLLOW = onUser('Unfollow', 'unfollow');
export const BLOCK = onUser('Block', 'block');
export const UNBLOCK = onUser('Unblock', 'unblock');
export const MUTE = onUser('Mute', 'mute');
export const UNMUTE = onUser('Unmute', 'unmute');
export const ACCEPT = onUser('Accept', 'acceptFollowRequest');
export const REJECT = onUser('Reject', 'rejectFollowRequest');
export const REMOVE_FOLLOWER = onUser('RemoveFollower', 'removeFollower');
