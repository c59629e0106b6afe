// Search, trends and hashtags.
import { CARD, ERRORS, PAGE, PERSON, SHOWN } from './fragments.js';

export const SEARCH_TWEETS = `query SearchTweets($query: String!, $sort: SearchSort!, $after: String) {
  searchTweets(query: $query, sort: $sort, first: 20, after: $after) { edges { cursor node { ...Shown } } ${PAGE} }
}
${SHOWN}`;
export const SEARCH_USERS = `query SearchUsers($query: String!, $after: String) {
  searchUsers(query: $query, first: 20, after: $after) { edges { cursor node { ...Card } } ${PAGE} }
}
${CARD}`;
export const COMPLETE_USERS = `query CompleteUsers($query: String!) {
  searchUsers(query: $query, first: 6) { edges { node { ...Person } } }
}
${PERSON}`;
export const COMPLETE_HASHTAGS = `query CompleteHashtags($prefix: String!) { searchHashtags(prefix: $prefix, first: 6) { id name } }`;
export const SEARCH_EVENTS = `subscription SearchEvents($query: String!) { searchEvents(query: $query) { ...Shown } }
${SHOWN}`;
export const TRENDS = `query Trends($first: Int!) {
  trends(first: $first) { score tweetCount accountCount hashtag { id name } }
}`;
export const TREND_UPDATES = `subscription TrendUpdates($first: Int!) {
  trendUpdates(first: $first) { score tweetCount accountCount hashtag { id name } }
}`;
export const HASHTAG = `query Hashtag($name: String!) { hashtag(name: $name) { id name viewerIsFollowing history } }`;
export const HASHTAG_TWEETS = `query HashtagTweets($name: String!, $sort: SearchSort!, $after: String) {
  hashtag(name: $name) { tweets(first: 20, after: $after, sort: $sort) { edges { cursor node { ...Shown } } ${PAGE} } }
}
${SHOWN}`;
export const FOLLOW_HASHTAG = `mutation FollowHashtag($name: String!) {
  followHashtag(name: $name) { hashtag { id name viewerIsFollowing } ${ERRORS} }
}`;
export const UNFOLLOW_HASHTAG = `mutation UnfollowHashtag($name: String!) {
  unfollowHashtag(name: $name) { hashtag { id name viewerIsFollowing } ${ERRORS} }
}`;
