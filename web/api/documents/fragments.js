// What operations have in common; fragments are named by what they are for.

export const PERSON = `fragment Person on User {
  id handle name isProtected isVerified avatarUrl
}`;

export const PROFILE = `fragment Profile on User {
  id handle name isProtected isVerified bio avatarUrl bannerUrl joinedAt followerCount followingCount tweetCount
  relationship { isFollowing isFollowedBy hasRequestedFollow isBlocking isMuting }
}`;

export const CARD = `fragment Card on User {
  id handle name isProtected isVerified bio avatarUrl
  relationship { isFollowing isFollowedBy hasRequestedFollow isBlocking isMuting }
}`;

export const COUNTS = `fragment Counts on Tweet {
  id likeCount retweetCount quoteCount replyCount viewerHasLiked viewerHasRetweeted viewerHasBookmarked
}`;

export const MEDIA = 'media { id state failure altText blurhash width height variants { size url width height } }';

export const WORDS = `fragment Words on Tweet {
  id text createdAt lang device isReply conversationId contentWarning isSensitive replyAudience isPinned isRemoved editedAt
  author { ...Person }
  entities {
    mentions { handle start end user { id } }
    hashtags { tag start end }
    urls { url start end }
  }
  ${MEDIA}
}`;

export const SHOWN = `fragment Shown on Tweet {
  ...Words ...Counts viewerCanReply
  inReplyTo { id author { id handle } }
  quoted { ...Words }
  quotedRevision { text contentWarning ${MEDIA} }
}
${WORDS} ${COUNTS} ${PERSON}`;

export const ITEM = `fragment Item on TimelineEdge {
  cursor reason
  node {
    __typename
    ... on Tweet { ...Shown }
    ... on Retweet { id createdAt user { ...Person } tweet { ...Shown } }
    ... on PromotedTweet { id impressionToken reasons advertiser { ...Person } tweet { ...Shown } }
  }
}
${SHOWN}`;

export const PAGE = 'pageInfo { hasNextPage endCursor }';
export const ERRORS = 'userErrors { code message field }';
