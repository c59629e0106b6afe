// Oneself, and whom to follow.
import { CARD, PROFILE } from './fragments.js';

export const ME = `query Me {
  viewer { role email isEmailVerified pendingEmail unreadNotificationCount followedHashtags { id name } user { ...Profile } }
}
${PROFILE}`;
export const WHO_TO_FOLLOW = `query WhoToFollow($first: Int!) {
  viewer { followSuggestions(first: $first) { reason mutualFollowCount user { ...Card } } }
}
${CARD}`;
