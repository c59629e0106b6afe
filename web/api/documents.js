// Every operation of the page. Fragments are named by what they are for.

const PERSON = `fragment Person on User {
  id handle name isProtected isVerified
}`;

const PROFILE = `fragment Profile on User {
  id handle name isProtected isVerified bio avatarUrl joinedAt followerCount followingCount tweetCount
  relationship { isFollowing isFollowedBy hasRequestedFollow isBlocking isMuting }
}`;

const CARD = `fragment Card on User {
  id handle name isProtected isVerified bio
  relationship { isFollowing isFollowedBy hasRequestedFollow isBlocking isMuting }
}`;

const COUNTS = `fragment Counts on Tweet {
  id likeCount retweetCount quoteCount replyCount viewerHasLiked viewerHasRetweeted viewerHasBookmarked
}`;

const WORDS = `fragment Words on Tweet {
  id text createdAt lang device isReply conversationId
  author { ...Person }
  entities {
    mentions { handle start end user { id } }
    hashtags { tag start end }
    urls { url start end }
  }
}`;

const SHOWN = `fragment Shown on Tweet {
  ...Words ...Counts
  inReplyTo { id author { id handle } }
  quoted { ...Words }
}
${WORDS} ${COUNTS} ${PERSON}`;

const ITEM = `fragment Item on TimelineEdge {
  cursor reason
  node {
    __typename
    ... on Tweet { ...Shown }
    ... on Retweet { id createdAt user { ...Person } tweet { ...Shown } }
    ... on PromotedTweet { id impressionToken advertiser { ...Person } tweet { ...Shown } }
  }
}
${SHOWN}`;

const PAGE = 'pageInfo { hasNextPage endCursor }';
const ERRORS = 'userErrors { code message field }';
const TOKENS = `tokens { accessToken refreshToken expiresAt } viewer { user { handle } } ${ERRORS}`;

// ---------------------------------------------------------------- signing in

export const REGISTER = `mutation Register($input: RegisterInput!) { register(input: $input) { ${TOKENS} } }`;
export const LOGIN = `mutation Login($input: LoginInput!) { login(input: $input) { ${TOKENS} } }`;
export const REFRESH = `mutation Refresh($token: String!) { refreshTokens(refreshToken: $token) { ${TOKENS} } }`;
export const LOGOUT = `mutation Logout($id: ID) { logout(sessionId: $id) { deletedId ${ERRORS} } }`;
export const HAS_DEMO = 'query HasDemo($handle: String!) { user(handle: $handle) { id } }';

// ---------------------------------------------------------------- oneself

export const ME = `query Me {
  viewer { unreadNotificationCount followedHashtags { id name } user { ...Profile } }
}
${PROFILE}`;
export const WHO_TO_FOLLOW = `query WhoToFollow($first: Int!) { viewer { whoToFollow(first: $first) { ...Card } } }
${CARD}`;
export const BOOKMARKS = `query Bookmarks($after: String) {
  viewer { bookmarks(first: 20, after: $after) { edges { cursor node { ...Shown } } ${PAGE} } }
}
${SHOWN}`;
export const FOLLOW_REQUESTS = `query FollowRequests($after: String) {
  viewer { followRequests(first: 20, after: $after) { edges { cursor node { ...Card } } ${PAGE} } }
}
${CARD}`;
export const SETTINGS = `query Settings {
  viewer {
    email mutedWords
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

// ---------------------------------------------------------------- timelines

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

// ---------------------------------------------------------------- tweets

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
export const TWEET_UPDATES = `subscription TweetUpdates($ids: [ID!]!) {
  tweetUpdates(ids: $ids) { isDeleted tweet { ...Counts } }
}
${COUNTS}`;
export const POST = `mutation Post($input: PostTweetInput!) {
  postTweet(input: $input) { tweet { ...Shown inReplyTo { ...Counts } quoted { ...Counts } } ${ERRORS} }
}
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
export const NOT_INTERESTED = onTweet('NotInterested', 'notInterested');

// ---------------------------------------------------------------- people

export const USER = `query User($handle: String!) {
  user(handle: $handle) { ...Profile followersYouKnow(first: 3) { edges { node { ...Person } } } }
}
${PROFILE} ${PERSON}`;
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

// ---------------------------------------------------------------- finding

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

// ---------------------------------------------------------------- notifications

const NOTICE = `fragment Notice on Notification {
  id kind createdAt updatedAt actorCount isRead actors { ...Person } tweet { ...Shown }
}
${SHOWN}`;
export const NOTIFICATIONS = `query Notifications($after: String, $filter: NotificationFilter!) {
  notifications(first: 20, after: $after, filter: $filter) {
    unreadCount headCursor edges { cursor node { ...Notice } } ${PAGE}
  }
}
${NOTICE}`;
export const NOTIFICATION_EVENTS = `subscription NotificationEvents($after: String) {
  notificationEvents(after: $after) {
    __typename
    ... on StreamEvent { cursor }
    ... on NotificationChanged { unreadCount notification { ...Notice } }
    ... on UnreadCountChanged { unreadCount }
    ... on NotificationsReset { reason }
  }
}
${NOTICE}`;
export const MARK_READ = `mutation MarkRead($upTo: String) {
  markNotificationsRead(upTo: $upTo) { unreadCount ${ERRORS} }
}`;

// ---------------------------------------------------------------- advertisements

const FIGURES = `fragment Figures on Campaign {
  id status bidCents budgetCents spentCents startsAt endsAt targetHashtags targetDevices frequencyCap
  impressions clicks
  days { day impressions clicks spentCents }
  tweet { ...Words }
}
${WORDS} ${PERSON}`;
export const CAMPAIGNS = `query Campaigns($after: String) {
  viewer { campaigns(first: 20, after: $after) { edges { cursor node { ...Figures } } ${PAGE} } }
}
${FIGURES}`;
export const CAMPAIGN = `query Campaign($id: ID!) { node(id: $id) { ...Figures } }
${FIGURES}`;
export const CREATE_CAMPAIGN = `mutation CreateCampaign($input: CreateCampaignInput!) {
  createCampaign(input: $input) { campaign { id } ${ERRORS} }
}`;
export const PAUSE_CAMPAIGN = `mutation PauseCampaign($id: ID!) {
  pauseCampaign(id: $id) { campaign { ...Figures } ${ERRORS} }
}
${FIGURES}`;
export const RESUME_CAMPAIGN = `mutation ResumeCampaign($id: ID!) {
  resumeCampaign(id: $id) { campaign { ...Figures } ${ERRORS} }
}
${FIGURES}`;
export const OWN_TWEETS = `query OwnTweets($handle: String!) {
  user(handle: $handle) { tweets(first: 20) { edges { node { __typename ... on Tweet { ...Words } } } } }
}
${WORDS} ${PERSON}`;
export const RECORD_IMPRESSIONS = `mutation RecordImpressions($tokens: [String!]!) {
  recordImpressions(tokens: $tokens) { recorded ${ERRORS} }
}`;
export const RECORD_CLICK = `mutation RecordClick($token: String!) {
  recordAdClick(token: $token) { recorded ${ERRORS} }
}`;
