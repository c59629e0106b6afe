"""Generated from schema/schema.graphql and clients/operations/ by `make sdl`. Do not edit."""

from datetime import date, datetime

from msgspec import UNSET, UnsetType

from rookery_client.operation import OpenEnum, Operation, Record

VERSION = "0.1.0"


class MediaSize(OpenEnum):
    THUMBNAIL = "THUMBNAIL"
    SMALL = "SMALL"
    LARGE = "LARGE"
    UNKNOWN = "UNKNOWN"


class MediaState(OpenEnum):
    WAITING = "WAITING"
    PROCESSING = "PROCESSING"
    READY = "READY"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"


class TargetingReason(OpenEnum):
    EVERYBODY = "EVERYBODY"
    DEVICE = "DEVICE"
    HASHTAG_FOLLOWED = "HASHTAG_FOLLOWED"
    HASHTAG_LIKED = "HASHTAG_LIKED"
    UNKNOWN = "UNKNOWN"


class TimelineReason(OpenEnum):
    FOLLOWING = "FOLLOWING"
    SELF = "SELF"
    HASHTAG = "HASHTAG"
    PROMOTED = "PROMOTED"
    PROFILE = "PROFILE"
    UNKNOWN = "UNKNOWN"


class NotificationKind(OpenEnum):
    LIKE = "LIKE"
    RETWEET = "RETWEET"
    QUOTE = "QUOTE"
    REPLY = "REPLY"
    MENTION = "MENTION"
    FOLLOW = "FOLLOW"
    FOLLOW_REQUEST = "FOLLOW_REQUEST"
    SECURITY = "SECURITY"
    DECISION = "DECISION"
    UNKNOWN = "UNKNOWN"


class UserErrorCode(OpenEnum):
    INVALID = "INVALID"
    TOO_LONG = "TOO_LONG"
    TAKEN = "TAKEN"
    NOT_FOUND = "NOT_FOUND"
    FORBIDDEN = "FORBIDDEN"
    WRONG_CREDENTIALS = "WRONG_CREDENTIALS"
    CONFLICT = "CONFLICT"
    EXPIRED = "EXPIRED"
    UNKNOWN = "UNKNOWN"


class TimelineState(OpenEnum):
    READY = "READY"
    REBUILDING = "REBUILDING"
    DEGRADED = "DEGRADED"
    UNKNOWN = "UNKNOWN"


class ResetReason(OpenEnum):
    CURSOR_TOO_OLD = "CURSOR_TOO_OLD"
    TOO_SLOW = "TOO_SLOW"
    REBUILT = "REBUILT"
    UNKNOWN = "UNKNOWN"


class DeviceKind(OpenEnum):
    WEB = "WEB"
    IOS = "IOS"
    ANDROID = "ANDROID"
    API = "API"
    UNKNOWN = "UNKNOWN"


class NotificationFilter(OpenEnum):
    ALL = "ALL"
    MENTIONS = "MENTIONS"
    UNREAD = "UNREAD"
    UNKNOWN = "UNKNOWN"


class ReplyAudience(OpenEnum):
    EVERYONE = "EVERYONE"
    FOLLOWING = "FOLLOWING"
    FOLLOWERS = "FOLLOWERS"
    MENTIONED = "MENTIONED"
    UNKNOWN = "UNKNOWN"


class User(Record, frozen=True):
    id: str
    handle: str
    name: str
    avatar_url: str | None
    is_protected: bool
    is_verified: bool


class Relationship(Record, frozen=True):
    is_following: bool
    is_followed_by: bool
    has_requested_follow: bool
    is_blocking: bool
    is_muting: bool


class Profile(Record, frozen=True):
    id: str
    handle: str
    name: str
    avatar_url: str | None
    is_protected: bool
    is_verified: bool
    bio: str | None
    banner_url: str | None
    joined_at: datetime
    follower_count: int
    following_count: int
    tweet_count: int
    relationship: Relationship | None


class Variant(Record, frozen=True):
    size: MediaSize
    url: str
    width: int
    height: int


class Media(Record, frozen=True):
    id: str
    state: MediaState
    failure: str | None
    alt_text: str | None
    blurhash: str | None
    width: int | None
    height: int | None
    variants: tuple[Variant, ...]


class UploadTargetHeaders(Record, frozen=True):
    name: str
    value: str


class UploadTarget(Record, frozen=True):
    method: str
    url: str
    expires_at: datetime
    headers: tuple[UploadTargetHeaders, ...]


class MentionUser(Record, frozen=True):
    id: str


class Mention(Record, frozen=True):
    handle: str
    start: int
    end: int
    user: MentionUser | None


class HashtagMention(Record, frozen=True):
    tag: str
    start: int
    end: int


class Url(Record, frozen=True):
    url: str
    start: int
    end: int


class Entities(Record, frozen=True):
    mentions: tuple[Mention, ...]
    hashtags: tuple[HashtagMention, ...]
    urls: tuple[Url, ...]


class QuotedTweet(Record, frozen=True):
    id: str
    text: str
    created_at: datetime
    lang: str | None
    is_reply: bool
    conversation_id: str
    author: User
    entities: Entities
    media: tuple[Media, ...]


class Counts(Record, frozen=True):
    id: str
    like_count: int
    retweet_count: int
    quote_count: int
    reply_count: int
    viewer_has_liked: bool
    viewer_has_retweeted: bool
    viewer_has_bookmarked: bool


class TweetInReplyToAuthor(Record, frozen=True):
    id: str
    handle: str


class TweetInReplyTo(Record, frozen=True):
    id: str
    author: TweetInReplyToAuthor


class Tweet(Record, frozen=True):
    id: str
    text: str
    created_at: datetime
    lang: str | None
    is_reply: bool
    conversation_id: str
    author: User
    entities: Entities
    media: tuple[Media, ...]
    like_count: int
    retweet_count: int
    quote_count: int
    reply_count: int
    viewer_has_liked: bool
    viewer_has_retweeted: bool
    viewer_has_bookmarked: bool
    in_reply_to: TweetInReplyTo | None
    quoted: QuotedTweet | None


class TweetUpdate(Record, frozen=True):
    tweet_id: str
    is_deleted: bool
    tweet: Tweet | None


class TimelineItemTweet(Tweet, frozen=True, tag_field="__typename", tag="Tweet"):
    pass


class Retweet(Record, frozen=True, tag_field="__typename", tag="Retweet"):
    id: str
    created_at: datetime
    user: User
    tweet: Tweet


class PromotedTweet(Record, frozen=True, tag_field="__typename", tag="PromotedTweet"):
    id: str
    impression_token: str
    reasons: tuple[TargetingReason, ...]
    advertiser: User
    tweet: Tweet


TimelineItem = TimelineItemTweet | Retweet | PromotedTweet


class TimelineEdge(Record, frozen=True):
    cursor: str
    reason: TimelineReason
    node: TimelineItem


class Notification(Record, frozen=True):
    id: str
    kind: NotificationKind
    created_at: datetime
    updated_at: datetime
    actor_count: int
    is_read: bool
    actors: tuple[User, ...]
    tweet: QuotedTweet | None


class UserError(Record, frozen=True):
    code: UserErrorCode
    message: str
    field: tuple[str, ...]


class Tokens(Record, frozen=True):
    access_token: str
    refresh_token: str
    expires_at: datetime


class TimelinePagePageInfo(Record, frozen=True):
    has_next_page: bool
    end_cursor: str | None


class TimelinePage(Record, frozen=True):
    state: TimelineState
    head_cursor: str
    edges: tuple[TimelineEdge, ...]
    page_info: TimelinePagePageInfo


class TimelineItemAdded(Record, frozen=True, tag_field="__typename", tag="TimelineItemAdded"):
    cursor: str
    at: datetime
    edge: TimelineEdge


class TimelineItemRemoved(Record, frozen=True, tag_field="__typename", tag="TimelineItemRemoved"):
    cursor: str
    at: datetime
    node_id: str


class TimelineReset(Record, frozen=True, tag_field="__typename", tag="TimelineReset"):
    cursor: str
    at: datetime
    reason: ResetReason


TimelineEvent = TimelineItemAdded | TimelineItemRemoved | TimelineReset


class NotificationPageEdges(Record, frozen=True):
    cursor: str
    node: Notification


class NotificationPage(Record, frozen=True):
    unread_count: int
    head_cursor: str
    edges: tuple[NotificationPageEdges, ...]
    page_info: TimelinePagePageInfo


class NotificationChanged(Record, frozen=True, tag_field="__typename", tag="NotificationChanged"):
    cursor: str
    at: datetime
    unread_count: int
    notification: Notification


class UnreadCountChanged(Record, frozen=True, tag_field="__typename", tag="UnreadCountChanged"):
    cursor: str
    at: datetime
    unread_count: int


class NotificationsReset(Record, frozen=True, tag_field="__typename", tag="NotificationsReset"):
    cursor: str
    at: datetime
    reason: ResetReason


NotificationEvent = NotificationChanged | UnreadCountChanged | NotificationsReset


class DeviceInput(Record, frozen=True, kw_only=True):
    kind: DeviceKind
    app_version: str | None | UnsetType = UNSET
    locale: str | None | UnsetType = UNSET
    id: str | None | UnsetType = UNSET


class LoginInput(Record, frozen=True, kw_only=True):
    login: str
    password: str
    device: DeviceInput | None | UnsetType = UNSET


class LoginVariables(Record, frozen=True):
    input: LoginInput


class LoginDataLogin(Record, frozen=True):
    tokens: Tokens | None
    user_errors: tuple[UserError, ...]


class LoginData(Record, frozen=True):
    login: LoginDataLogin


class RegisterInput(Record, frozen=True, kw_only=True):
    handle: str
    name: str
    email: str
    password: str
    date_of_birth: date | None | UnsetType = UNSET
    device: DeviceInput | None | UnsetType = UNSET


class RegisterVariables(Record, frozen=True):
    input: RegisterInput


class RegisterData(Record, frozen=True):
    register: LoginDataLogin


class RefreshTokensVariables(Record, frozen=True):
    refresh_token: str


class RefreshTokensData(Record, frozen=True):
    refresh_tokens: LoginDataLogin


class LogoutVariables(Record, frozen=True):
    pass


class LogoutDataLogout(Record, frozen=True):
    user_errors: tuple[UserError, ...]


class LogoutData(Record, frozen=True):
    logout: LogoutDataLogout


class MeVariables(Record, frozen=True):
    pass


class MeDataViewer(Record, frozen=True):
    unread_notification_count: int
    user: Profile


class MeData(Record, frozen=True):
    viewer: MeDataViewer | None


class UserByHandleVariables(Record, frozen=True):
    handle: str


class UserByHandleData(Record, frozen=True):
    user: Profile | None


class FollowVariables(Record, frozen=True):
    user_id: str


class FollowDataFollow(Record, frozen=True):
    user: Profile | None
    user_errors: tuple[UserError, ...]


class FollowData(Record, frozen=True):
    follow: FollowDataFollow


class UnfollowVariables(Record, frozen=True):
    user_id: str


class UnfollowData(Record, frozen=True):
    unfollow: FollowDataFollow


class NotificationsVariables(Record, frozen=True, kw_only=True):
    first: int
    after: str | None | UnsetType = UNSET
    filter: NotificationFilter


class NotificationsData(Record, frozen=True):
    notifications: NotificationPage


class NotificationEventsVariables(Record, frozen=True, kw_only=True):
    after: str | None | UnsetType = UNSET


class NotificationEventsData(Record, frozen=True):
    notification_events: NotificationEvent


class MarkNotificationsReadVariables(Record, frozen=True, kw_only=True):
    up_to: str | None | UnsetType = UNSET


class MarkNotificationsReadDataMarkNotificationsRead(Record, frozen=True):
    unread_count: int | None
    user_errors: tuple[UserError, ...]


class MarkNotificationsReadData(Record, frozen=True):
    mark_notifications_read: MarkNotificationsReadDataMarkNotificationsRead


class HomeTimelineVariables(Record, frozen=True, kw_only=True):
    first: int
    after: str | None | UnsetType = UNSET


class HomeTimelineData(Record, frozen=True):
    home_timeline: TimelinePage


class HomeTimelineEventsVariables(Record, frozen=True, kw_only=True):
    after: str | None | UnsetType = UNSET


class HomeTimelineEventsData(Record, frozen=True):
    home_timeline_events: TimelineEvent


class ListTimelineVariables(Record, frozen=True, kw_only=True):
    id: str
    first: int
    after: str | None | UnsetType = UNSET


class ListTimelineDataList(Record, frozen=True):
    timeline: TimelinePage


class ListTimelineData(Record, frozen=True):
    list: ListTimelineDataList | None


class ListEventsVariables(Record, frozen=True, kw_only=True):
    id: str
    after: str | None | UnsetType = UNSET


class ListEventsData(Record, frozen=True):
    list_events: TimelineEvent


class SetHomeReadCursorVariables(Record, frozen=True):
    cursor: str


class SetHomeReadCursorDataSetHomeReadCursor(Record, frozen=True):
    user_errors: tuple[UserError, ...]


class SetHomeReadCursorData(Record, frozen=True):
    set_home_read_cursor: SetHomeReadCursorDataSetHomeReadCursor


class RecordImpressionsVariables(Record, frozen=True):
    tokens: tuple[str, ...]


class RecordImpressionsDataRecordImpressions(Record, frozen=True):
    recorded: int | None
    user_errors: tuple[UserError, ...]


class RecordImpressionsData(Record, frozen=True):
    record_impressions: RecordImpressionsDataRecordImpressions


class RecordAdClickVariables(Record, frozen=True):
    token: str


class RecordAdClickData(Record, frozen=True):
    record_ad_click: RecordImpressionsDataRecordImpressions


class LikeVariables(Record, frozen=True):
    tweet_id: str


class LikeDataLike(Record, frozen=True):
    tweet: Counts | None
    user_errors: tuple[UserError, ...]


class LikeData(Record, frozen=True):
    like: LikeDataLike


class UnlikeVariables(Record, frozen=True):
    tweet_id: str


class UnlikeData(Record, frozen=True):
    unlike: LikeDataLike


class RetweetVariables(Record, frozen=True):
    tweet_id: str


class RetweetData(Record, frozen=True):
    retweet: LikeDataLike


class UnretweetVariables(Record, frozen=True):
    tweet_id: str


class UnretweetData(Record, frozen=True):
    unretweet: LikeDataLike


class BookmarkVariables(Record, frozen=True):
    tweet_id: str


class BookmarkData(Record, frozen=True):
    bookmark: LikeDataLike


class UnbookmarkVariables(Record, frozen=True):
    tweet_id: str


class UnbookmarkData(Record, frozen=True):
    unbookmark: LikeDataLike


class TweetByIdVariables(Record, frozen=True):
    id: str


class TweetByIdData(Record, frozen=True):
    tweet: Tweet | None


class PostTweetInput(Record, frozen=True, kw_only=True):
    text: str
    in_reply_to: str | None | UnsetType = UNSET
    quoted: str | None | UnsetType = UNSET
    device: DeviceInput | None | UnsetType = UNSET
    idempotency_key: str | None | UnsetType = UNSET
    media: tuple[str, ...] | None | UnsetType = UNSET
    content_warning: str | None | UnsetType = UNSET
    is_sensitive: bool | UnsetType = UNSET
    reply_audience: ReplyAudience | UnsetType = UNSET


class PostTweetVariables(Record, frozen=True):
    input: PostTweetInput


class PostTweetDataPostTweet(Record, frozen=True):
    tweet: Tweet | None
    user_errors: tuple[UserError, ...]


class PostTweetData(Record, frozen=True):
    post_tweet: PostTweetDataPostTweet


class DeleteTweetVariables(Record, frozen=True):
    id: str


class DeleteTweetDataDeleteTweet(Record, frozen=True):
    deleted_id: str | None
    user_errors: tuple[UserError, ...]


class DeleteTweetData(Record, frozen=True):
    delete_tweet: DeleteTweetDataDeleteTweet


class TweetUpdatesVariables(Record, frozen=True):
    ids: tuple[str, ...]


class TweetUpdatesData(Record, frozen=True):
    tweet_updates: TweetUpdate


class UploadInput(Record, frozen=True, kw_only=True):
    content_type: str
    byte_length: int
    sha256: str
    alt_text: str | None | UnsetType = UNSET


class CreateUploadVariables(Record, frozen=True):
    input: UploadInput


class CreateUploadDataCreateUpload(Record, frozen=True):
    media: Media | None
    upload: UploadTarget | None
    user_errors: tuple[UserError, ...]


class CreateUploadData(Record, frozen=True):
    create_upload: CreateUploadDataCreateUpload


class MediaByIdVariables(Record, frozen=True):
    id: str


class MediaByIdDataNodeMedia(Media, frozen=True, tag_field="__typename", tag="Media"):
    pass


MediaByIdDataNode = MediaByIdDataNodeMedia


class MediaByIdData(Record, frozen=True):
    node: MediaByIdDataNode | None


_USER_FIELDS = 'fragment User on User{id handle name avatarUrl isProtected isVerified}'


_RELATIONSHIP_FIELDS = 'fragment Relationship on Relationship{isFollowing isFollowedBy hasRequestedFollow isBlocking isMuting}'


_PROFILE_FIELDS = 'fragment Profile on User{...User bio bannerUrl joinedAt followerCount followingCount tweetCount relationship{...Relationship}}'


_VARIANT_FIELDS = 'fragment Variant on MediaVariant{size url width height}'


_MEDIA_FIELDS = 'fragment Media on Media{id state failure altText blurhash width height variants{...Variant}}'


_UPLOAD_TARGET_FIELDS = 'fragment UploadTarget on UploadTarget{method url expiresAt headers{name value}}'


_MENTION_FIELDS = 'fragment Mention on MentionEntity{handle start end user{id}}'


_HASHTAG_MENTION_FIELDS = 'fragment HashtagMention on HashtagEntity{tag start end}'


_URL_FIELDS = 'fragment Url on UrlEntity{url start end}'


_ENTITIES_FIELDS = 'fragment Entities on TweetEntities{mentions{...Mention}hashtags{...HashtagMention}urls{...Url}}'


_QUOTED_TWEET_FIELDS = 'fragment QuotedTweet on Tweet{id text createdAt lang isReply conversationId author{...User}entities{...Entities}media{...Media}}'


_COUNTS_FIELDS = 'fragment Counts on Tweet{id likeCount retweetCount quoteCount replyCount viewerHasLiked viewerHasRetweeted viewerHasBookmarked}'


_TWEET_FIELDS = 'fragment Tweet on Tweet{...QuotedTweet ...Counts inReplyTo{id author{id handle}}quoted{...QuotedTweet}}'


_TWEET_UPDATE_FIELDS = 'fragment TweetUpdate on TweetUpdate{tweetId isDeleted tweet{...Tweet}}'


_TIMELINE_ITEM_FIELDS = 'fragment TimelineItem on TimelineItem{__typename ...on Tweet{...Tweet}...on Retweet{id createdAt user{...User}tweet{...Tweet}}...on PromotedTweet{id impressionToken reasons advertiser{...User}tweet{...Tweet}}}'


_TIMELINE_EDGE_FIELDS = 'fragment TimelineEdge on TimelineEdge{cursor reason node{...TimelineItem}}'


_NOTIFICATION_FIELDS = 'fragment Notification on Notification{id kind createdAt updatedAt actorCount isRead actors{...User}tweet{...QuotedTweet}}'


_USER_ERROR_FIELDS = 'fragment UserError on UserError{code message field}'


_TOKENS_FIELDS = 'fragment Tokens on AuthTokens{accessToken refreshToken expiresAt}'


_TIMELINE_PAGE_FIELDS = 'fragment TimelinePage on TimelineConnection{state headCursor edges{...TimelineEdge}pageInfo{hasNextPage endCursor}}'


_TIMELINE_EVENT_FIELDS = 'fragment TimelineEvent on HomeTimelineEvent{__typename ...on StreamEvent{cursor at}...on TimelineItemAdded{edge{...TimelineEdge}}...on TimelineItemRemoved{nodeId}...on TimelineReset{reason}}'


_NOTIFICATION_PAGE_FIELDS = 'fragment NotificationPage on NotificationConnection{unreadCount headCursor edges{cursor node{...Notification}}pageInfo{hasNextPage endCursor}}'


_NOTIFICATION_EVENT_FIELDS = 'fragment NotificationEvent on NotificationEvent{__typename ...on StreamEvent{cursor at}...on NotificationChanged{unreadCount notification{...Notification}}...on UnreadCountChanged{unreadCount}...on NotificationsReset{reason}}'


LOGIN: Operation[LoginVariables, LoginData] = Operation(
    'mutation Login($input:LoginInput!){login(input:$input){tokens{...Tokens}userErrors{...UserError}}}'
    + _USER_ERROR_FIELDS
    + _TOKENS_FIELDS,
    LoginData,
)


REGISTER: Operation[RegisterVariables, RegisterData] = Operation(
    'mutation Register($input:RegisterInput!){register(input:$input){tokens{...Tokens}userErrors{...UserError}}}'
    + _USER_ERROR_FIELDS
    + _TOKENS_FIELDS,
    RegisterData,
)


REFRESH_TOKENS: Operation[RefreshTokensVariables, RefreshTokensData] = Operation(
    'mutation RefreshTokens($refreshToken:String!){refreshTokens(refreshToken:$refreshToken){tokens{...Tokens}userErrors{...UserError}}}'
    + _USER_ERROR_FIELDS
    + _TOKENS_FIELDS,
    RefreshTokensData,
)


LOGOUT: Operation[LogoutVariables, LogoutData] = Operation(
    'mutation Logout{logout{userErrors{...UserError}}}'
    + _USER_ERROR_FIELDS,
    LogoutData,
)


ME: Operation[MeVariables, MeData] = Operation(
    'query Me{viewer{unreadNotificationCount user{...Profile}}}'
    + _USER_FIELDS
    + _RELATIONSHIP_FIELDS
    + _PROFILE_FIELDS,
    MeData,
)


USER_BY_HANDLE: Operation[UserByHandleVariables, UserByHandleData] = Operation(
    'query UserByHandle($handle:String!){user(handle:$handle){...Profile}}'
    + _USER_FIELDS
    + _RELATIONSHIP_FIELDS
    + _PROFILE_FIELDS,
    UserByHandleData,
)


FOLLOW: Operation[FollowVariables, FollowData] = Operation(
    'mutation Follow($userId:ID!){follow(userId:$userId){user{...Profile}userErrors{...UserError}}}'
    + _USER_FIELDS
    + _RELATIONSHIP_FIELDS
    + _PROFILE_FIELDS
    + _USER_ERROR_FIELDS,
    FollowData,
)


UNFOLLOW: Operation[UnfollowVariables, UnfollowData] = Operation(
    'mutation Unfollow($userId:ID!){unfollow(userId:$userId){user{...Profile}userErrors{...UserError}}}'
    + _USER_FIELDS
    + _RELATIONSHIP_FIELDS
    + _PROFILE_FIELDS
    + _USER_ERROR_FIELDS,
    UnfollowData,
)


NOTIFICATIONS: Operation[NotificationsVariables, NotificationsData] = Operation(
    'query Notifications($first:Int!$after:String$filter:NotificationFilter!){notifications(first:$first after:$after filter:$filter){...NotificationPage}}'
    + _USER_FIELDS
    + _VARIANT_FIELDS
    + _MEDIA_FIELDS
    + _MENTION_FIELDS
    + _HASHTAG_MENTION_FIELDS
    + _URL_FIELDS
    + _ENTITIES_FIELDS
    + _QUOTED_TWEET_FIELDS
    + _NOTIFICATION_FIELDS
    + _NOTIFICATION_PAGE_FIELDS,
    NotificationsData,
)


NOTIFICATION_EVENTS: Operation[NotificationEventsVariables, NotificationEventsData] = Operation(
    'subscription NotificationEvents($after:String){notificationEvents(after:$after){...NotificationEvent}}'
    + _USER_FIELDS
    + _VARIANT_FIELDS
    + _MEDIA_FIELDS
    + _MENTION_FIELDS
    + _HASHTAG_MENTION_FIELDS
    + _URL_FIELDS
    + _ENTITIES_FIELDS
    + _QUOTED_TWEET_FIELDS
    + _NOTIFICATION_FIELDS
    + _NOTIFICATION_EVENT_FIELDS,
    NotificationEventsData,
)


MARK_NOTIFICATIONS_READ: Operation[MarkNotificationsReadVariables, MarkNotificationsReadData] = Operation(
    'mutation MarkNotificationsRead($upTo:String){markNotificationsRead(upTo:$upTo){unreadCount userErrors{...UserError}}}'
    + _USER_ERROR_FIELDS,
    MarkNotificationsReadData,
)


HOME_TIMELINE: Operation[HomeTimelineVariables, HomeTimelineData] = Operation(
    'query HomeTimeline($first:Int!$after:String){homeTimeline(first:$first after:$after){...TimelinePage}}'
    + _USER_FIELDS
    + _VARIANT_FIELDS
    + _MEDIA_FIELDS
    + _MENTION_FIELDS
    + _HASHTAG_MENTION_FIELDS
    + _URL_FIELDS
    + _ENTITIES_FIELDS
    + _QUOTED_TWEET_FIELDS
    + _COUNTS_FIELDS
    + _TWEET_FIELDS
    + _TIMELINE_ITEM_FIELDS
    + _TIMELINE_EDGE_FIELDS
    + _TIMELINE_PAGE_FIELDS,
    HomeTimelineData,
)


HOME_TIMELINE_EVENTS: Operation[HomeTimelineEventsVariables, HomeTimelineEventsData] = Operation(
    'subscription HomeTimelineEvents($after:String){homeTimelineEvents(after:$after){...TimelineEvent}}'
    + _USER_FIELDS
    + _VARIANT_FIELDS
    + _MEDIA_FIELDS
    + _MENTION_FIELDS
    + _HASHTAG_MENTION_FIELDS
    + _URL_FIELDS
    + _ENTITIES_FIELDS
    + _QUOTED_TWEET_FIELDS
    + _COUNTS_FIELDS
    + _TWEET_FIELDS
    + _TIMELINE_ITEM_FIELDS
    + _TIMELINE_EDGE_FIELDS
    + _TIMELINE_EVENT_FIELDS,
    HomeTimelineEventsData,
)


LIST_TIMELINE: Operation[ListTimelineVariables, ListTimelineData] = Operation(
    'query ListTimeline($id:ID!$first:Int!$after:String){list(id:$id){timeline(first:$first after:$after){...TimelinePage}}}'
    + _USER_FIELDS
    + _VARIANT_FIELDS
    + _MEDIA_FIELDS
    + _MENTION_FIELDS
    + _HASHTAG_MENTION_FIELDS
    + _URL_FIELDS
    + _ENTITIES_FIELDS
    + _QUOTED_TWEET_FIELDS
    + _COUNTS_FIELDS
    + _TWEET_FIELDS
    + _TIMELINE_ITEM_FIELDS
    + _TIMELINE_EDGE_FIELDS
    + _TIMELINE_PAGE_FIELDS,
    ListTimelineData,
)


LIST_EVENTS: Operation[ListEventsVariables, ListEventsData] = Operation(
    'subscription ListEvents($id:ID!$after:String){listEvents(id:$id after:$after){...TimelineEvent}}'
    + _USER_FIELDS
    + _VARIANT_FIELDS
    + _MEDIA_FIELDS
    + _MENTION_FIELDS
    + _HASHTAG_MENTION_FIELDS
    + _URL_FIELDS
    + _ENTITIES_FIELDS
    + _QUOTED_TWEET_FIELDS
    + _COUNTS_FIELDS
    + _TWEET_FIELDS
    + _TIMELINE_ITEM_FIELDS
    + _TIMELINE_EDGE_FIELDS
    + _TIMELINE_EVENT_FIELDS,
    ListEventsData,
)


SET_HOME_READ_CURSOR: Operation[SetHomeReadCursorVariables, SetHomeReadCursorData] = Operation(
    'mutation SetHomeReadCursor($cursor:String!){setHomeReadCursor(cursor:$cursor){userErrors{...UserError}}}'
    + _USER_ERROR_FIELDS,
    SetHomeReadCursorData,
)


RECORD_IMPRESSIONS: Operation[RecordImpressionsVariables, RecordImpressionsData] = Operation(
    'mutation RecordImpressions($tokens:[String!]!){recordImpressions(tokens:$tokens){recorded userErrors{...UserError}}}'
    + _USER_ERROR_FIELDS,
    RecordImpressionsData,
)


RECORD_AD_CLICK: Operation[RecordAdClickVariables, RecordAdClickData] = Operation(
    'mutation RecordAdClick($token:String!){recordAdClick(token:$token){recorded userErrors{...UserError}}}'
    + _USER_ERROR_FIELDS,
    RecordAdClickData,
)


LIKE: Operation[LikeVariables, LikeData] = Operation(
    'mutation Like($tweetId:ID!){like(tweetId:$tweetId){tweet{...Counts}userErrors{...UserError}}}'
    + _COUNTS_FIELDS
    + _USER_ERROR_FIELDS,
    LikeData,
)


UNLIKE: Operation[UnlikeVariables, UnlikeData] = Operation(
    'mutation Unlike($tweetId:ID!){unlike(tweetId:$tweetId){tweet{...Counts}userErrors{...UserError}}}'
    + _COUNTS_FIELDS
    + _USER_ERROR_FIELDS,
    UnlikeData,
)


RETWEET: Operation[RetweetVariables, RetweetData] = Operation(
    'mutation Retweet($tweetId:ID!){retweet(tweetId:$tweetId){tweet{...Counts}userErrors{...UserError}}}'
    + _COUNTS_FIELDS
    + _USER_ERROR_FIELDS,
    RetweetData,
)


UNRETWEET: Operation[UnretweetVariables, UnretweetData] = Operation(
    'mutation Unretweet($tweetId:ID!){unretweet(tweetId:$tweetId){tweet{...Counts}userErrors{...UserError}}}'
    + _COUNTS_FIELDS
    + _USER_ERROR_FIELDS,
    UnretweetData,
)


BOOKMARK: Operation[BookmarkVariables, BookmarkData] = Operation(
    'mutation Bookmark($tweetId:ID!){bookmark(tweetId:$tweetId){tweet{...Counts}userErrors{...UserError}}}'
    + _COUNTS_FIELDS
    + _USER_ERROR_FIELDS,
    BookmarkData,
)


UNBOOKMARK: Operation[UnbookmarkVariables, UnbookmarkData] = Operation(
    'mutation Unbookmark($tweetId:ID!){unbookmark(tweetId:$tweetId){tweet{...Counts}userErrors{...UserError}}}'
    + _COUNTS_FIELDS
    + _USER_ERROR_FIELDS,
    UnbookmarkData,
)


TWEET_BY_ID: Operation[TweetByIdVariables, TweetByIdData] = Operation(
    'query TweetById($id:ID!){tweet(id:$id){...Tweet}}'
    + _USER_FIELDS
    + _VARIANT_FIELDS
    + _MEDIA_FIELDS
    + _MENTION_FIELDS
    + _HASHTAG_MENTION_FIELDS
    + _URL_FIELDS
    + _ENTITIES_FIELDS
    + _QUOTED_TWEET_FIELDS
    + _COUNTS_FIELDS
    + _TWEET_FIELDS,
    TweetByIdData,
)


POST_TWEET: Operation[PostTweetVariables, PostTweetData] = Operation(
    'mutation PostTweet($input:PostTweetInput!){postTweet(input:$input){tweet{...Tweet}userErrors{...UserError}}}'
    + _USER_FIELDS
    + _VARIANT_FIELDS
    + _MEDIA_FIELDS
    + _MENTION_FIELDS
    + _HASHTAG_MENTION_FIELDS
    + _URL_FIELDS
    + _ENTITIES_FIELDS
    + _QUOTED_TWEET_FIELDS
    + _COUNTS_FIELDS
    + _TWEET_FIELDS
    + _USER_ERROR_FIELDS,
    PostTweetData,
)


DELETE_TWEET: Operation[DeleteTweetVariables, DeleteTweetData] = Operation(
    'mutation DeleteTweet($id:ID!){deleteTweet(id:$id){deletedId userErrors{...UserError}}}'
    + _USER_ERROR_FIELDS,
    DeleteTweetData,
)


TWEET_UPDATES: Operation[TweetUpdatesVariables, TweetUpdatesData] = Operation(
    'subscription TweetUpdates($ids:[ID!]!){tweetUpdates(ids:$ids){...TweetUpdate}}'
    + _USER_FIELDS
    + _VARIANT_FIELDS
    + _MEDIA_FIELDS
    + _MENTION_FIELDS
    + _HASHTAG_MENTION_FIELDS
    + _URL_FIELDS
    + _ENTITIES_FIELDS
    + _QUOTED_TWEET_FIELDS
    + _COUNTS_FIELDS
    + _TWEET_FIELDS
    + _TWEET_UPDATE_FIELDS,
    TweetUpdatesData,
)


CREATE_UPLOAD: Operation[CreateUploadVariables, CreateUploadData] = Operation(
    'mutation CreateUpload($input:UploadInput!){createUpload(input:$input){media{...Media}upload{...UploadTarget}userErrors{...UserError}}}'
    + _VARIANT_FIELDS
    + _MEDIA_FIELDS
    + _UPLOAD_TARGET_FIELDS
    + _USER_ERROR_FIELDS,
    CreateUploadData,
)


MEDIA_BY_ID: Operation[MediaByIdVariables, MediaByIdData] = Operation(
    'query MediaById($id:ID!){node(id:$id){__typename ...on Media{...Media}}}'
    + _VARIANT_FIELDS
    + _MEDIA_FIELDS,
    MediaByIdData,
)
