"""GraphQL enums of the vocabulary's closed sets, each value with its description (moderation: moderation_enums.py)."""

from core.auth.scopes import Scope
from core.devices import DeviceKind
from core.errors import UserErrorCode
from core.reply_audience import ReplyAudience
from datastore.ads.campaigns import CampaignStatus
from datastore.media.records import MediaSize, MediaState
from datastore.notifications.reader import NotificationAudience, NotificationFilter, NotificationKind
from datastore.timelines.changes import ResetReason
from datastore.timelines.rules import Reason
from resolvers.auction.auction import TargetingReason
from resolvers.graph.suggestions import SuggestionReason
from resolvers.timelines.pages import TimelineState
from schema.values.describe_enum import describe_enum

describe_enum(
    DeviceKind,
    "DeviceKind",
    "The kind of device a request comes from.",
    {
        "WEB": "A web browser.",
        "IOS": "An iPhone or iPad.",
        "ANDROID": "An Android device.",
        "API": "Any other program.",
    },
)

describe_enum(
    UserErrorCode,
    "UserErrorCode",
    "Why a mutation was refused.",
    {
        "INVALID": "The value is not valid.",
        "TOO_LONG": "The value is longer than allowed.",
        "TAKEN": "The value belongs to somebody else already.",
        "NOT_FOUND": "There is no such thing, or the viewer may not see it.",
        "FORBIDDEN": "The viewer may see it, but not do this with it.",
        "WRONG_CREDENTIALS": "The credentials are wrong or expired.",
        "CONFLICT": "It conflicts with an earlier act.",
        "EXPIRED": "The token has run out, was used, or a newer one was sent.",
    },
)

describe_enum(
    SuggestionReason,
    "SuggestionReason",
    "Why somebody is suggested to the viewer.",
    {
        "FOLLOWED_BY_FOLLOWEES": "People whom the viewer follows follow them.",
        "POPULAR": "Many follow them, and they were active this week.",
    },
)

describe_enum(
    ReplyAudience,
    "ReplyAudience",
    "Who may answer a tweet and all tweets below it; its author and those whom it mentions always may.",
    {
        "EVERYONE": "Everybody who sees the tweet.",
        "FOLLOWING": "People whom the author follows.",
        "FOLLOWERS": "The author's followers.",
        "MENTIONED": "Nobody else.",
    },
)

describe_enum(
    Reason,
    "TimelineReason",
    "Why an item is in a timeline.",
    {
        "FOLLOWING": "By somebody whom the viewer follows.",
        "SELF": "By the viewer.",
        "HASHTAG": "It carries a hashtag that the viewer follows.",
        "PROMOTED": "An advertisement.",
        "PROFILE": "By the person whose timeline it is.",
    },
)

describe_enum(
    TimelineState,
    "TimelineState",
    "Source of a timeline.",
    {
        "READY": "Served from the cache.",
        "REBUILDING": "Being rebuilt from the database; the page is correct, but may be short.",
        "DEGRADED": "The cache is unavailable; served from the database.",
    },
)

describe_enum(
    ResetReason,
    "ResetReason",
    "Why a client must read a list again.",
    {
        "CURSOR_TOO_OLD": "Events after the cursor are no longer stored.",
        "TOO_SLOW": "The client was slower than events are stored.",
        "REBUILT": "Older items of the timeline changed, for example by following somebody.",
    },
)

describe_enum(
    CampaignStatus,
    "CampaignStatus",
    "State of a campaign. It changes to EXHAUSTED and ENDED automatically.",
    {
        "IN_REVIEW": "It waits for a moderator, and is not shown.",
        "REJECTED": "A moderator refused it; it is not shown.",
        "ACTIVE": "It runs, or will run once it starts.",
        "PAUSED": "Its advertiser paused it.",
        "EXHAUSTED": "The remaining budget does not pay for another impression.",
        "ENDED": "Its time is over.",
    },
)

describe_enum(
    TargetingReason,
    "TargetingReason",
    "Why a viewer is shown an advertisement.",
    {
        "EVERYBODY": "Its campaign is for everybody.",
        "DEVICE": "Its campaign is for some kinds of devices, the viewer's among them.",
        "HASHTAG_FOLLOWED": "The viewer follows a hashtag of its campaign.",
        "HASHTAG_LIKED": "The viewer recently liked a tweet with a hashtag of its campaign.",
    },
)

describe_enum(
    NotificationKind,
    "NotificationKind",
    "Kind of an act on the viewer or their tweets.",
    {
        "LIKE": "Liked a tweet of theirs.",
        "RETWEET": "Retweeted a tweet of theirs.",
        "QUOTE": "Quoted a tweet of theirs.",
        "REPLY": "Replied to a tweet of theirs, whether or not it mentions them.",
        "MENTION": "Mentioned them.",
        "FOLLOW": "Follows them.",
        "FOLLOW_REQUEST": "Asks to follow them; removed once that is decided.",
        "SECURITY": "A sign-in on a device that was not seen before, a change of password, address or handle.",
        "DECISION": "A decision of moderators about the viewer; see Viewer.decisions.",
    },
)

describe_enum(
    NotificationFilter,
    "NotificationFilter",
    "Which notifications.",
    {
        "ALL": "All.",
        "MENTIONS": "Replies, quotes and mentions.",
        "UNREAD": "Not marked as read.",
    },
)

describe_enum(
    NotificationAudience,
    "NotificationAudience",
    "From whom somebody wants notifications.",
    {
        "EVERYONE": "From everybody.",
        "FOLLOWING": "From people whom the viewer follows.",
        "NOBODY": "From nobody.",
    },
)

describe_enum(
    Scope,
    "Scope",
    "What a token may do.",
    {
        "READ_UNREAD_COUNT": "`viewer { unreadNotificationCount }`, and the count in notificationEvents.",
        "READ_NOTIFICATIONS": "Notifications and notificationEvents, with the tweets and people in them, but not what "
        "lies behind these.",
        "READ": "Queries and subscriptions, but not the e-mail address, the date of birth, sessions and tokens.",
        "WRITE": "What READ covers, and mutations, but not those of the account, sessions, tokens, campaigns and "
        "moderation.",
    },
)

describe_enum(
    MediaState,
    "MediaState",
    "How far a picture is.",
    {
        "WAITING": "Its bytes have not arrived.",
        "PROCESSING": "Its sizes are being made; it may be posted.",
        "READY": "It can be shown.",
        "FAILED": "It can't be shown; `failure` says why.",
    },
)

describe_enum(
    MediaSize,
    "MediaSize",
    "Sizes of a picture; none is enlarged.",
    {
        "THUMBNAIL": "At most 150 pixels wide and high.",
        "SMALL": "At most 680 pixels wide and high.",
        "LARGE": "At most 2,048 pixels wide and high.",
    },
)
