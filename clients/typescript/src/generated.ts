// Generated from schema/schema.graphql and clients/operations/ by `make sdl`. Do not edit.
import type { Operation } from './operation.js';

export const VERSION = '0.1.0';

export type MediaSize = 'THUMBNAIL' | 'SMALL' | 'LARGE';

export type MediaState = 'WAITING' | 'PROCESSING' | 'READY' | 'FAILED';

export type TargetingReason = 'EVERYBODY' | 'DEVICE' | 'HASHTAG_FOLLOWED' | 'HASHTAG_LIKED';

export type TimelineReason = 'FOLLOWING' | 'SELF' | 'HASHTAG' | 'PROMOTED' | 'PROFILE';

export type NotificationKind = 'LIKE' | 'RETWEET' | 'QUOTE' | 'REPLY' | 'MENTION' | 'FOLLOW' | 'FOLLOW_REQUEST' | 'SECURITY' | 'DECISION';

export type UserErrorCode = 'INVALID' | 'TOO_LONG' | 'TAKEN' | 'NOT_FOUND' | 'FORBIDDEN' | 'WRONG_CREDENTIALS' | 'CONFLICT' | 'EXPIRED';

export type TimelineState = 'READY' | 'REBUILDING' | 'DEGRADED';

export type ResetReason = 'CURSOR_TOO_OLD' | 'TOO_SLOW' | 'REBUILT';

export type DeviceKind = 'WEB' | 'IOS' | 'ANDROID' | 'API';

export type NotificationFilter = 'ALL' | 'MENTIONS' | 'UNREAD';

export type ReplyAudience = 'EVERYONE' | 'FOLLOWING' | 'FOLLOWERS' | 'MENTIONED';

export interface User {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly avatarUrl: string | null;
  readonly isProtected: boolean;
  readonly isVerified: boolean;
}

export interface Relationship {
  readonly isFollowing: boolean;
  readonly isFollowedBy: boolean;
  readonly hasRequestedFollow: boolean;
  readonly isBlocking: boolean;
  readonly isMuting: boolean;
}

export interface Profile {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly avatarUrl: string | null;
  readonly isProtected: boolean;
  readonly isVerified: boolean;
  readonly bio: string | null;
  readonly bannerUrl: string | null;
  readonly joinedAt: string;
  readonly followerCount: number;
  readonly followingCount: number;
  readonly tweetCount: number;
  readonly relationship: Relationship | null;
}

export interface Variant {
  readonly size: MediaSize;
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

export interface Media {
  readonly id: string;
  readonly state: MediaState;
  readonly failure: string | null;
  readonly altText: string | null;
  readonly blurhash: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly variants: ReadonlyArray<Variant>;
}

export interface UploadTargetHeaders {
  readonly name: string;
  readonly value: string;
}

export interface UploadTarget {
  readonly method: string;
  readonly url: string;
  readonly expiresAt: string;
  readonly headers: ReadonlyArray<UploadTargetHeaders>;
}

export interface MentionUser {
  readonly id: string;
}

export interface Mention {
  readonly handle: string;
  readonly start: number;
  readonly end: number;
  readonly user: MentionUser | null;
}

export interface HashtagMention {
  readonly tag: string;
  readonly start: number;
  readonly end: number;
}

export interface Url {
  readonly url: string;
  readonly start: number;
  readonly end: number;
}

export interface Entities {
  readonly mentions: ReadonlyArray<Mention>;
  readonly hashtags: ReadonlyArray<HashtagMention>;
  readonly urls: ReadonlyArray<Url>;
}

export interface QuotedTweet {
  readonly id: string;
  readonly text: string;
  readonly createdAt: string;
  readonly lang: string | null;
  readonly isReply: boolean;
  readonly conversationId: string;
  readonly author: User;
  readonly entities: Entities;
  readonly media: ReadonlyArray<Media>;
}

export interface Counts {
  readonly id: string;
  readonly likeCount: number;
  readonly retweetCount: number;
  readonly quoteCount: number;
  readonly replyCount: number;
  readonly viewerHasLiked: boolean;
  readonly viewerHasRetweeted: boolean;
  readonly viewerHasBookmarked: boolean;
}

export interface TweetInReplyToAuthor {
  readonly id: string;
  readonly handle: string;
}

export interface TweetInReplyTo {
  readonly id: string;
  readonly author: TweetInReplyToAuthor;
}

export interface Tweet {
  readonly id: string;
  readonly text: string;
  readonly createdAt: string;
  readonly lang: string | null;
  readonly isReply: boolean;
  readonly conversationId: string;
  readonly author: User;
  readonly entities: Entities;
  readonly media: ReadonlyArray<Media>;
  readonly likeCount: number;
  readonly retweetCount: number;
  readonly quoteCount: number;
  readonly replyCount: number;
  readonly viewerHasLiked: boolean;
  readonly viewerHasRetweeted: boolean;
  readonly viewerHasBookmarked: boolean;
  readonly inReplyTo: TweetInReplyTo | null;
  readonly quoted: QuotedTweet | null;
}

export interface TweetUpdate {
  readonly tweetId: string;
  readonly isDeleted: boolean;
  readonly tweet: Tweet | null;
}

export interface TimelineItemTweet {
  readonly __typename: 'Tweet';
  readonly id: string;
  readonly text: string;
  readonly createdAt: string;
  readonly lang: string | null;
  readonly isReply: boolean;
  readonly conversationId: string;
  readonly author: User;
  readonly entities: Entities;
  readonly media: ReadonlyArray<Media>;
  readonly likeCount: number;
  readonly retweetCount: number;
  readonly quoteCount: number;
  readonly replyCount: number;
  readonly viewerHasLiked: boolean;
  readonly viewerHasRetweeted: boolean;
  readonly viewerHasBookmarked: boolean;
  readonly inReplyTo: TweetInReplyTo | null;
  readonly quoted: QuotedTweet | null;
}

export interface Retweet {
  readonly __typename: 'Retweet';
  readonly id: string;
  readonly createdAt: string;
  readonly user: User;
  readonly tweet: Tweet;
}

export interface PromotedTweet {
  readonly __typename: 'PromotedTweet';
  readonly id: string;
  readonly impressionToken: string;
  readonly reasons: ReadonlyArray<TargetingReason>;
  readonly advertiser: User;
  readonly tweet: Tweet;
}

export type TimelineItem = TimelineItemTweet | Retweet | PromotedTweet;

export interface TimelineEdge {
  readonly cursor: string;
  readonly reason: TimelineReason;
  readonly node: TimelineItem;
}

export interface Notification {
  readonly id: string;
  readonly kind: NotificationKind;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly actorCount: number;
  readonly isRead: boolean;
  readonly actors: ReadonlyArray<User>;
  readonly tweet: QuotedTweet | null;
}

export interface UserError {
  readonly code: UserErrorCode;
  readonly message: string;
  readonly field: ReadonlyArray<string>;
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: string;
}

export interface TimelinePagePageInfo {
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
}

export interface TimelinePage {
  readonly state: TimelineState;
  readonly headCursor: string;
  readonly edges: ReadonlyArray<TimelineEdge>;
  readonly pageInfo: TimelinePagePageInfo;
}

export interface TimelineItemAdded {
  readonly __typename: 'TimelineItemAdded';
  readonly cursor: string;
  readonly at: string;
  readonly edge: TimelineEdge;
}

export interface TimelineItemRemoved {
  readonly __typename: 'TimelineItemRemoved';
  readonly cursor: string;
  readonly at: string;
  readonly nodeId: string;
}

export interface TimelineReset {
  readonly __typename: 'TimelineReset';
  readonly cursor: string;
  readonly at: string;
  readonly reason: ResetReason;
}

export type TimelineEvent = TimelineItemAdded | TimelineItemRemoved | TimelineReset;

export interface NotificationPageEdges {
  readonly cursor: string;
  readonly node: Notification;
}

export interface NotificationPage {
  readonly unreadCount: number;
  readonly headCursor: string;
  readonly edges: ReadonlyArray<NotificationPageEdges>;
  readonly pageInfo: TimelinePagePageInfo;
}

export interface NotificationChanged {
  readonly __typename: 'NotificationChanged';
  readonly cursor: string;
  readonly at: string;
  readonly unreadCount: number;
  readonly notification: Notification;
}

export interface UnreadCountChanged {
  readonly __typename: 'UnreadCountChanged';
  readonly cursor: string;
  readonly at: string;
  readonly unreadCount: number;
}

export interface NotificationsReset {
  readonly __typename: 'NotificationsReset';
  readonly cursor: string;
  readonly at: string;
  readonly reason: ResetReason;
}

export type NotificationEvent = NotificationChanged | UnreadCountChanged | NotificationsReset;

export interface DeviceInput {
  readonly kind: DeviceKind;
  readonly appVersion?: string | null;
  readonly locale?: string | null;
  readonly id?: string | null;
}

export interface LoginInput {
  readonly login: string;
  readonly password: string;
  readonly device?: DeviceInput | null;
}

export interface LoginVariables {
  readonly input: LoginInput;
}

export interface LoginDataLogin {
  readonly tokens: Tokens | null;
  readonly userErrors: ReadonlyArray<UserError>;
}

export interface LoginData {
  readonly login: LoginDataLogin;
}

export interface RegisterInput {
  readonly handle: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly dateOfBirth?: string | null;
  readonly device?: DeviceInput | null;
}

export interface RegisterVariables {
  readonly input: RegisterInput;
}

export interface RegisterData {
  readonly register: LoginDataLogin;
}

export interface RefreshTokensVariables {
  readonly refreshToken: string;
}

export interface RefreshTokensData {
  readonly refreshTokens: LoginDataLogin;
}

export type LogoutVariables = Record<string, never>;

export interface LogoutDataLogout {
  readonly userErrors: ReadonlyArray<UserError>;
}

export interface LogoutData {
  readonly logout: LogoutDataLogout;
}

export type MeVariables = Record<string, never>;

export interface MeDataViewer {
  readonly unreadNotificationCount: number;
  readonly user: Profile;
}

export interface MeData {
  readonly viewer: MeDataViewer | null;
}

export interface UserByHandleVariables {
  readonly handle: string;
}

export interface UserByHandleData {
  readonly user: Profile | null;
}

export interface FollowVariables {
  readonly userId: string;
}

export interface FollowDataFollow {
  readonly user: Profile | null;
  readonly userErrors: ReadonlyArray<UserError>;
}

export interface FollowData {
  readonly follow: FollowDataFollow;
}

export interface UnfollowVariables {
  readonly userId: string;
}

export interface UnfollowData {
  readonly unfollow: FollowDataFollow;
}

export interface NotificationsVariables {
  readonly first: number;
  readonly after?: string | null;
  readonly filter: NotificationFilter;
}

export interface NotificationsData {
  readonly notifications: NotificationPage;
}

export interface NotificationEventsVariables {
  readonly after?: string | null;
}

export interface NotificationEventsData {
  readonly notificationEvents: NotificationEvent;
}

export interface MarkNotificationsReadVariables {
  readonly upTo?: string | null;
}

export interface MarkNotificationsReadDataMarkNotificationsRead {
  readonly unreadCount: number | null;
  readonly userErrors: ReadonlyArray<UserError>;
}

export interface MarkNotificationsReadData {
  readonly markNotificationsRead: MarkNotificationsReadDataMarkNotificationsRead;
}

export interface HomeTimelineVariables {
  readonly first: number;
  readonly after?: string | null;
}

export interface HomeTimelineData {
  readonly homeTimeline: TimelinePage;
}

export interface HomeTimelineEventsVariables {
  readonly after?: string | null;
}

export interface HomeTimelineEventsData {
  readonly homeTimelineEvents: TimelineEvent;
}

export interface ListTimelineVariables {
  readonly id: string;
  readonly first: number;
  readonly after?: string | null;
}

export interface ListTimelineDataList {
  readonly timeline: TimelinePage;
}

export interface ListTimelineData {
  readonly list: ListTimelineDataList | null;
}

export interface ListEventsVariables {
  readonly id: string;
  readonly after?: string | null;
}

export interface ListEventsData {
  readonly listEvents: TimelineEvent;
}

export interface SetHomeReadCursorVariables {
  readonly cursor: string;
}

export interface SetHomeReadCursorDataSetHomeReadCursor {
  readonly userErrors: ReadonlyArray<UserError>;
}

export interface SetHomeReadCursorData {
  readonly setHomeReadCursor: SetHomeReadCursorDataSetHomeReadCursor;
}

export interface RecordImpressionsVariables {
  readonly tokens: ReadonlyArray<string>;
}

export interface RecordImpressionsDataRecordImpressions {
  readonly recorded: number | null;
  readonly userErrors: ReadonlyArray<UserError>;
}

export interface RecordImpressionsData {
  readonly recordImpressions: RecordImpressionsDataRecordImpressions;
}

export interface RecordAdClickVariables {
  readonly token: string;
}

export interface RecordAdClickData {
  readonly recordAdClick: RecordImpressionsDataRecordImpressions;
}

export interface LikeVariables {
  readonly tweetId: string;
}

export interface LikeDataLike {
  readonly tweet: Counts | null;
  readonly userErrors: ReadonlyArray<UserError>;
}

export interface LikeData {
  readonly like: LikeDataLike;
}

export interface UnlikeVariables {
  readonly tweetId: string;
}

export interface UnlikeData {
  readonly unlike: LikeDataLike;
}

export interface RetweetVariables {
  readonly tweetId: string;
}

export interface RetweetData {
  readonly retweet: LikeDataLike;
}

export interface UnretweetVariables {
  readonly tweetId: string;
}

export interface UnretweetData {
  readonly unretweet: LikeDataLike;
}

export interface BookmarkVariables {
  readonly tweetId: string;
}

export interface BookmarkData {
  readonly bookmark: LikeDataLike;
}

export interface UnbookmarkVariables {
  readonly tweetId: string;
}

export interface UnbookmarkData {
  readonly unbookmark: LikeDataLike;
}

export interface TweetByIdVariables {
  readonly id: string;
}

export interface TweetByIdData {
  readonly tweet: Tweet | null;
}

export interface PostTweetInput {
  readonly text: string;
  readonly inReplyTo?: string | null;
  readonly quoted?: string | null;
  readonly device?: DeviceInput | null;
  readonly idempotencyKey?: string | null;
  readonly media?: ReadonlyArray<string> | null;
  readonly contentWarning?: string | null;
  readonly isSensitive?: boolean;
  readonly replyAudience?: ReplyAudience;
}

export interface PostTweetVariables {
  readonly input: PostTweetInput;
}

export interface PostTweetDataPostTweet {
  readonly tweet: Tweet | null;
  readonly userErrors: ReadonlyArray<UserError>;
}

export interface PostTweetData {
  readonly postTweet: PostTweetDataPostTweet;
}

export interface DeleteTweetVariables {
  readonly id: string;
}

export interface DeleteTweetDataDeleteTweet {
  readonly deletedId: string | null;
  readonly userErrors: ReadonlyArray<UserError>;
}

export interface DeleteTweetData {
  readonly deleteTweet: DeleteTweetDataDeleteTweet;
}

export interface TweetUpdatesVariables {
  readonly ids: ReadonlyArray<string>;
}

export interface TweetUpdatesData {
  readonly tweetUpdates: TweetUpdate;
}

export interface UploadInput {
  readonly contentType: string;
  readonly byteLength: number;
  readonly sha256: string;
  readonly altText?: string | null;
}

export interface CreateUploadVariables {
  readonly input: UploadInput;
}

export interface CreateUploadDataCreateUpload {
  readonly media: Media | null;
  readonly upload: UploadTarget | null;
  readonly userErrors: ReadonlyArray<UserError>;
}

export interface CreateUploadData {
  readonly createUpload: CreateUploadDataCreateUpload;
}

export interface MediaByIdVariables {
  readonly id: string;
}

export interface MediaByIdDataNodeMedia {
  readonly __typename: 'Media';
  readonly id: string;
  readonly state: MediaState;
  readonly failure: string | null;
  readonly altText: string | null;
  readonly blurhash: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly variants: ReadonlyArray<Variant>;
}

export type MediaByIdDataNode = MediaByIdDataNodeMedia;

export interface MediaByIdData {
  readonly node: MediaByIdDataNode | null;
}

const USER_FIELDS =
  'fragment User on User{id handle name avatarUrl isProtected isVerified}';

const RELATIONSHIP_FIELDS =
  'fragment Relationship on Relationship{isFollowing isFollowedBy hasRequestedFollow isBlocking isMuting}';

const PROFILE_FIELDS =
  'fragment Profile on User{...User bio bannerUrl joinedAt followerCount followingCount tweetCount relationship{...Relationship}}';

const VARIANT_FIELDS =
  'fragment Variant on MediaVariant{size url width height}';

const MEDIA_FIELDS =
  'fragment Media on Media{id state failure altText blurhash width height variants{...Variant}}';

const UPLOAD_TARGET_FIELDS =
  'fragment UploadTarget on UploadTarget{method url expiresAt headers{name value}}';

const MENTION_FIELDS =
  'fragment Mention on MentionEntity{handle start end user{id}}';

const HASHTAG_MENTION_FIELDS =
  'fragment HashtagMention on HashtagEntity{tag start end}';

const URL_FIELDS =
  'fragment Url on UrlEntity{url start end}';

const ENTITIES_FIELDS =
  'fragment Entities on TweetEntities{mentions{...Mention}hashtags{...HashtagMention}urls{...Url}}';

const QUOTED_TWEET_FIELDS =
  'fragment QuotedTweet on Tweet{id text createdAt lang isReply conversationId author{...User}entities{...Entities}media{...Media}}';

const COUNTS_FIELDS =
  'fragment Counts on Tweet{id likeCount retweetCount quoteCount replyCount viewerHasLiked viewerHasRetweeted viewerHasBookmarked}';

const TWEET_FIELDS =
  'fragment Tweet on Tweet{...QuotedTweet ...Counts inReplyTo{id author{id handle}}quoted{...QuotedTweet}}';

const TWEET_UPDATE_FIELDS =
  'fragment TweetUpdate on TweetUpdate{tweetId isDeleted tweet{...Tweet}}';

const TIMELINE_ITEM_FIELDS =
  'fragment TimelineItem on TimelineItem{__typename ...on Tweet{...Tweet}...on Retweet{id createdAt user{...User}tweet{...Tweet}}...on PromotedTweet{id impressionToken reasons advertiser{...User}tweet{...Tweet}}}';

const TIMELINE_EDGE_FIELDS =
  'fragment TimelineEdge on TimelineEdge{cursor reason node{...TimelineItem}}';

const NOTIFICATION_FIELDS =
  'fragment Notification on Notification{id kind createdAt updatedAt actorCount isRead actors{...User}tweet{...QuotedTweet}}';

const USER_ERROR_FIELDS =
  'fragment UserError on UserError{code message field}';

const TOKENS_FIELDS =
  'fragment Tokens on AuthTokens{accessToken refreshToken expiresAt}';

const TIMELINE_PAGE_FIELDS =
  'fragment TimelinePage on TimelineConnection{state headCursor edges{...TimelineEdge}pageInfo{hasNextPage endCursor}}';

const TIMELINE_EVENT_FIELDS =
  'fragment TimelineEvent on HomeTimelineEvent{__typename ...on StreamEvent{cursor at}...on TimelineItemAdded{edge{...TimelineEdge}}...on TimelineItemRemoved{nodeId}...on TimelineReset{reason}}';

const NOTIFICATION_PAGE_FIELDS =
  'fragment NotificationPage on NotificationConnection{unreadCount headCursor edges{cursor node{...Notification}}pageInfo{hasNextPage endCursor}}';

const NOTIFICATION_EVENT_FIELDS =
  'fragment NotificationEvent on NotificationEvent{__typename ...on StreamEvent{cursor at}...on NotificationChanged{unreadCount notification{...Notification}}...on UnreadCountChanged{unreadCount}...on NotificationsReset{reason}}';

export const LOGIN = (
  'mutation Login($input:LoginInput!){login(input:$input){tokens{...Tokens}userErrors{...UserError}}}' +
  USER_ERROR_FIELDS +
  TOKENS_FIELDS) as Operation<LoginData, LoginVariables>;

export const REGISTER = (
  'mutation Register($input:RegisterInput!){register(input:$input){tokens{...Tokens}userErrors{...UserError}}}' +
  USER_ERROR_FIELDS +
  TOKENS_FIELDS) as Operation<RegisterData, RegisterVariables>;

export const REFRESH_TOKENS = (
  'mutation RefreshTokens($refreshToken:String!){refreshTokens(refreshToken:$refreshToken){tokens{...Tokens}userErrors{...UserError}}}' +
  USER_ERROR_FIELDS +
  TOKENS_FIELDS) as Operation<RefreshTokensData, RefreshTokensVariables>;

export const LOGOUT = (
  'mutation Logout{logout{userErrors{...UserError}}}' +
  USER_ERROR_FIELDS) as Operation<LogoutData, LogoutVariables>;

export const ME = (
  'query Me{viewer{unreadNotificationCount user{...Profile}}}' +
  USER_FIELDS +
  RELATIONSHIP_FIELDS +
  PROFILE_FIELDS) as Operation<MeData, MeVariables>;

export const USER_BY_HANDLE = (
  'query UserByHandle($handle:String!){user(handle:$handle){...Profile}}' +
  USER_FIELDS +
  RELATIONSHIP_FIELDS +
  PROFILE_FIELDS) as Operation<UserByHandleData, UserByHandleVariables>;

export const FOLLOW = (
  'mutation Follow($userId:ID!){follow(userId:$userId){user{...Profile}userErrors{...UserError}}}' +
  USER_FIELDS +
  RELATIONSHIP_FIELDS +
  PROFILE_FIELDS +
  USER_ERROR_FIELDS) as Operation<FollowData, FollowVariables>;

export const UNFOLLOW = (
  'mutation Unfollow($userId:ID!){unfollow(userId:$userId){user{...Profile}userErrors{...UserError}}}' +
  USER_FIELDS +
  RELATIONSHIP_FIELDS +
  PROFILE_FIELDS +
  USER_ERROR_FIELDS) as Operation<UnfollowData, UnfollowVariables>;

export const NOTIFICATIONS = (
  'query Notifications($first:Int!$after:String$filter:NotificationFilter!){notifications(first:$first after:$after filter:$filter){...NotificationPage}}' +
  USER_FIELDS +
  VARIANT_FIELDS +
  MEDIA_FIELDS +
  MENTION_FIELDS +
  HASHTAG_MENTION_FIELDS +
  URL_FIELDS +
  ENTITIES_FIELDS +
  QUOTED_TWEET_FIELDS +
  NOTIFICATION_FIELDS +
  NOTIFICATION_PAGE_FIELDS) as Operation<NotificationsData, NotificationsVariables>;

export const NOTIFICATION_EVENTS = (
  'subscription NotificationEvents($after:String){notificationEvents(after:$after){...NotificationEvent}}' +
  USER_FIELDS +
  VARIANT_FIELDS +
  MEDIA_FIELDS +
  MENTION_FIELDS +
  HASHTAG_MENTION_FIELDS +
  URL_FIELDS +
  ENTITIES_FIELDS +
  QUOTED_TWEET_FIELDS +
  NOTIFICATION_FIELDS +
  NOTIFICATION_EVENT_FIELDS) as Operation<NotificationEventsData, NotificationEventsVariables>;

export const MARK_NOTIFICATIONS_READ = (
  'mutation MarkNotificationsRead($upTo:String){markNotificationsRead(upTo:$upTo){unreadCount userErrors{...UserError}}}' +
  USER_ERROR_FIELDS) as Operation<MarkNotificationsReadData, MarkNotificationsReadVariables>;

export const HOME_TIMELINE = (
  'query HomeTimeline($first:Int!$after:String){homeTimeline(first:$first after:$after){...TimelinePage}}' +
  USER_FIELDS +
  VARIANT_FIELDS +
  MEDIA_FIELDS +
  MENTION_FIELDS +
  HASHTAG_MENTION_FIELDS +
  URL_FIELDS +
  ENTITIES_FIELDS +
  QUOTED_TWEET_FIELDS +
  COUNTS_FIELDS +
  TWEET_FIELDS +
  TIMELINE_ITEM_FIELDS +
  TIMELINE_EDGE_FIELDS +
  TIMELINE_PAGE_FIELDS) as Operation<HomeTimelineData, HomeTimelineVariables>;

export const HOME_TIMELINE_EVENTS = (
  'subscription HomeTimelineEvents($after:String){homeTimelineEvents(after:$after){...TimelineEvent}}' +
  USER_FIELDS +
  VARIANT_FIELDS +
  MEDIA_FIELDS +
  MENTION_FIELDS +
  HASHTAG_MENTION_FIELDS +
  URL_FIELDS +
  ENTITIES_FIELDS +
  QUOTED_TWEET_FIELDS +
  COUNTS_FIELDS +
  TWEET_FIELDS +
  TIMELINE_ITEM_FIELDS +
  TIMELINE_EDGE_FIELDS +
  TIMELINE_EVENT_FIELDS) as Operation<HomeTimelineEventsData, HomeTimelineEventsVariables>;

export const LIST_TIMELINE = (
  'query ListTimeline($id:ID!$first:Int!$after:String){list(id:$id){timeline(first:$first after:$after){...TimelinePage}}}' +
  USER_FIELDS +
  VARIANT_FIELDS +
  MEDIA_FIELDS +
  MENTION_FIELDS +
  HASHTAG_MENTION_FIELDS +
  URL_FIELDS +
  ENTITIES_FIELDS +
  QUOTED_TWEET_FIELDS +
  COUNTS_FIELDS +
  TWEET_FIELDS +
  TIMELINE_ITEM_FIELDS +
  TIMELINE_EDGE_FIELDS +
  TIMELINE_PAGE_FIELDS) as Operation<ListTimelineData, ListTimelineVariables>;

export const LIST_EVENTS = (
  'subscription ListEvents($id:ID!$after:String){listEvents(id:$id after:$after){...TimelineEvent}}' +
  USER_FIELDS +
  VARIANT_FIELDS +
  MEDIA_FIELDS +
  MENTION_FIELDS +
  HASHTAG_MENTION_FIELDS +
  URL_FIELDS +
  ENTITIES_FIELDS +
  QUOTED_TWEET_FIELDS +
  COUNTS_FIELDS +
  TWEET_FIELDS +
  TIMELINE_ITEM_FIELDS +
  TIMELINE_EDGE_FIELDS +
  TIMELINE_EVENT_FIELDS) as Operation<ListEventsData, ListEventsVariables>;

export const SET_HOME_READ_CURSOR = (
  'mutation SetHomeReadCursor($cursor:String!){setHomeReadCursor(cursor:$cursor){userErrors{...UserError}}}' +
  USER_ERROR_FIELDS) as Operation<SetHomeReadCursorData, SetHomeReadCursorVariables>;

export const RECORD_IMPRESSIONS = (
  'mutation RecordImpressions($tokens:[String!]!){recordImpressions(tokens:$tokens){recorded userErrors{...UserError}}}' +
  USER_ERROR_FIELDS) as Operation<RecordImpressionsData, RecordImpressionsVariables>;

export const RECORD_AD_CLICK = (
  'mutation RecordAdClick($token:String!){recordAdClick(token:$token){recorded userErrors{...UserError}}}' +
  USER_ERROR_FIELDS) as Operation<RecordAdClickData, RecordAdClickVariables>;

export const LIKE = (
  'mutation Like($tweetId:ID!){like(tweetId:$tweetId){tweet{...Counts}userErrors{...UserError}}}' +
  COUNTS_FIELDS +
  USER_ERROR_FIELDS) as Operation<LikeData, LikeVariables>;

export const UNLIKE = (
  'mutation Unlike($tweetId:ID!){unlike(tweetId:$tweetId){tweet{...Counts}userErrors{...UserError}}}' +
  COUNTS_FIELDS +
  USER_ERROR_FIELDS) as Operation<UnlikeData, UnlikeVariables>;

export const RETWEET = (
  'mutation Retweet($tweetId:ID!){retweet(tweetId:$tweetId){tweet{...Counts}userErrors{...UserError}}}' +
  COUNTS_FIELDS +
  USER_ERROR_FIELDS) as Operation<RetweetData, RetweetVariables>;

export const UNRETWEET = (
  'mutation Unretweet($tweetId:ID!){unretweet(tweetId:$tweetId){tweet{...Counts}userErrors{...UserError}}}' +
  COUNTS_FIELDS +
  USER_ERROR_FIELDS) as Operation<UnretweetData, UnretweetVariables>;

export const BOOKMARK = (
  'mutation Bookmark($tweetId:ID!){bookmark(tweetId:$tweetId){tweet{...Counts}userErrors{...UserError}}}' +
  COUNTS_FIELDS +
  USER_ERROR_FIELDS) as Operation<BookmarkData, BookmarkVariables>;

export const UNBOOKMARK = (
  'mutation Unbookmark($tweetId:ID!){unbookmark(tweetId:$tweetId){tweet{...Counts}userErrors{...UserError}}}' +
  COUNTS_FIELDS +
  USER_ERROR_FIELDS) as Operation<UnbookmarkData, UnbookmarkVariables>;

export const TWEET_BY_ID = (
  'query TweetById($id:ID!){tweet(id:$id){...Tweet}}' +
  USER_FIELDS +
  VARIANT_FIELDS +
  MEDIA_FIELDS +
  MENTION_FIELDS +
  HASHTAG_MENTION_FIELDS +
  URL_FIELDS +
  ENTITIES_FIELDS +
  QUOTED_TWEET_FIELDS +
  COUNTS_FIELDS +
  TWEET_FIELDS) as Operation<TweetByIdData, TweetByIdVariables>;

export const POST_TWEET = (
  'mutation PostTweet($input:PostTweetInput!){postTweet(input:$input){tweet{...Tweet}userErrors{...UserError}}}' +
  USER_FIELDS +
  VARIANT_FIELDS +
  MEDIA_FIELDS +
  MENTION_FIELDS +
  HASHTAG_MENTION_FIELDS +
  URL_FIELDS +
  ENTITIES_FIELDS +
  QUOTED_TWEET_FIELDS +
  COUNTS_FIELDS +
  TWEET_FIELDS +
  USER_ERROR_FIELDS) as Operation<PostTweetData, PostTweetVariables>;

export const DELETE_TWEET = (
  'mutation DeleteTweet($id:ID!){deleteTweet(id:$id){deletedId userErrors{...UserError}}}' +
  USER_ERROR_FIELDS) as Operation<DeleteTweetData, DeleteTweetVariables>;

export const TWEET_UPDATES = (
  'subscription TweetUpdates($ids:[ID!]!){tweetUpdates(ids:$ids){...TweetUpdate}}' +
  USER_FIELDS +
  VARIANT_FIELDS +
  MEDIA_FIELDS +
  MENTION_FIELDS +
  HASHTAG_MENTION_FIELDS +
  URL_FIELDS +
  ENTITIES_FIELDS +
  QUOTED_TWEET_FIELDS +
  COUNTS_FIELDS +
  TWEET_FIELDS +
  TWEET_UPDATE_FIELDS) as Operation<TweetUpdatesData, TweetUpdatesVariables>;

export const CREATE_UPLOAD = (
  'mutation CreateUpload($input:UploadInput!){createUpload(input:$input){media{...Media}upload{...UploadTarget}userErrors{...UserError}}}' +
  VARIANT_FIELDS +
  MEDIA_FIELDS +
  UPLOAD_TARGET_FIELDS +
  USER_ERROR_FIELDS) as Operation<CreateUploadData, CreateUploadVariables>;

export const MEDIA_BY_ID = (
  'query MediaById($id:ID!){node(id:$id){__typename ...on Media{...Media}}}' +
  VARIANT_FIELDS +
  MEDIA_FIELDS) as Operation<MediaByIdData, MediaByIdVariables>;
