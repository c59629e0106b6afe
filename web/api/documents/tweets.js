// Tweets, and what is done with them.
import { CARD, COUNTS, ERRORS, MEDIA, PAGE, PERSON, SHOWN, WORDS } from './fragments.js';

export const TWEET = `query Tweet($id: ID!) {
  tweet(id: $id) { ...Shown ancestors(first: 30) { ...Shown } }
}
${SHOWN}`;
export const REPLIES = `query Replies($id: ID!, $after: String, $sort: ReplySort!) {
  tweet(id: $id) { replies(first: 20, after: $after, sort: $sort) { edges { cursor node { ...Shown } } ${PAGE} } }
}
${SHOWN}`;
export const QUOTES = `query Quotes($id: ID!, $after: String) {
  tweet(id: $id) { quotes(first: 20, after: $after) { edges { cursor node { ...Shown } } ${PAGE} } }
}
${SHOWN}`;
export const LIKED_BY = `query LikedBy($id: ID!, $after: String) {
  tweet(id: $id) { likedBy(first: 20, after: $after) { edges { cursor node { ...Card } } ${PAGE} } }
}
${CARD}`;
export const RETWEETED_BY = `query RetweetedBy($id: ID!, $after: String) {
  tweet(id: $id) { retweetedBy(first: 20, after: $after) { edges { cursor node { ...Card } } ${PAGE} } }
}
${CARD}`;
export const REVISIONS = `query Revisions($id: ID!, $after: String) {
  tweet(id: $id) { ...Shown revisions(first: 20, after: $after) { edges { cursor node { text contentWarning at ${MEDIA} } } ${PAGE} } }
}
${SHOWN}`;
export const TWEET_UPDATES = `subscription TweetUpdates($ids: [ID!]!) {
  tweetUpdates(ids: $ids) { tweetId isDeleted tweet { ...Words ...Counts } }
}
${WORDS} ${COUNTS} ${PERSON}`;
export const POST = `mutation Post($input: PostTweetInput!) {
  postTweet(input: $input) { tweet { ...Shown inReplyTo { ...Counts } quoted { ...Counts } } ${ERRORS} }
}
${SHOWN}`;
export const EDIT = `mutation Edit($input: EditTweetInput!) { editTweet(input: $input) { tweet { ...Shown } ${ERRORS} } }
${SHOWN}`;
export const DELETE = `mutation Delete($id: ID!) { deleteTweet(id: $id) { deletedId ${ERRORS} } }`;
const onTweet = (name, field) => `mutation ${name}($id: ID!) { ${field}(tweetId: $id) { tweet { ...Counts } ${ERRORS} } }
${COUNTS}`;
export const LIKE = onTweet('Like', 'like');
export const UNLIKE = onTweet('Unlike', 'unlike');
export const RETWEET = onTweet('Retweet', 'retweet');
export const UNRETWEET = onTweet('Unretweet', 'unretweet');
export const BOOKMARK = onTweet('Bookmark', 'bookmark');
export const UNBOOKMARK = onTweet('Unbookmark', 'unbookmark');
