// Settings.
import { CARD, ERRORS, PAGE, PROFILE } from './fragments.js';

export const SETTINGS = `query Settings {
  viewer {
    email isEmailVerified pendingEmail mutedWords
    user { ...Profile }
    notificationPreferences { kind audience }
    sessions { id device createdAt lastUsedAt isCurrent }
    followRequests(first: 1) { edges { cursor } }
  }
}
${PROFILE}`;
export const MUTED = `query Muted($after: String) {
  viewer { mutedUsers(first: 20, after: $after) { edges { cursor node { ...Card } } ${PAGE} } }
}
${CARD}`;
export const BLOCKED = `query Blocked($after: String) {
  viewer { blockedUsers(first: 20, after: $after) { edges { cursor node { ...Card } } ${PAGE} } }
}
${CARD}`;
export const UPDATE_PROFILE = `mutation UpdateProfile($input: UpdateProfileInput!) {
  updateProfile(input: $input) { user { ...Profile } ${ERRORS} }
}
${PROFILE}`;
export const SET_MUTED_WORDS = `mutation SetMutedWords($words: [String!]!) {
  setMutedWords(words: $words) { viewer { mutedWords } ${ERRORS} }
}`;
export const SET_PREFERENCE = `mutation SetPreference($kind: NotificationKind!, $audience: NotificationAudience!) {
  setNotificationPreference(kind: $kind, audience: $audience) {
    viewer { notificationPreferences { kind audience } } ${ERRORS}
  }
}`;
export const CHANGE_PASSWORD = `mutation ChangePassword($current: String!, $new: String!) {
  changePassword(current: $current, new: $new) {
    viewer { sessions { id device createdAt lastUsedAt isCurrent } } ${ERRORS}
  }
}`;
export const DELETE_ACCOUNT = `mutation DeleteAccount($password: String!) {
  deleteAccount(password: $password) { deletedId ${ERRORS} }
}`;
