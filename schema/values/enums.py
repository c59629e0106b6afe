"""GraphQL enums of the vocabulary's closed sets, each value with its description."""

from collections.abc import Mapping
from enum import Enum
from typing import cast

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from core.devices import DeviceKind
from core.errors import UserErrorCode
from datastore.ads.campaigns import CampaignStatus
from datastore.notifications.reader import NotificationAudience, NotificationFilter, NotificationKind
from datastore.timelines.changes import ResetReason
from datastore.timelines.rules import Reason
from resolvers.timelines.pages import TimelineState


def describe_enum(cls: type[Enum], name: str, description: str, values: Mapping[str, str]) -> None:
    """Makes `cls` a GraphQL enum. `values`: descriptions by member name."""
    strawberry.enum(cls, name=name, description=description)
    definition = cast(StrawberryEnumDefinition, vars(cls)["__strawberry_definition__"])
    for value in definition.values:
        value.description = values[value.name]


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
    "Why a mutation did not do what was asked.",
    {
        "INVALID": "The value can't be taken.",
        "TOO_LONG": "The value is longer than allowed.",
        "TAKEN": "The value belongs to somebody else already.",
        "NOT_FOUND": "There is no such thing, or the viewer may not see it.",
        "FORBIDDEN": "The viewer may see it, but not do this with it.",
        "WRONG_CREDENTIALS": "The credentials are wrong, or not valid any more.",
        "CONFLICT": "It contradicts what was done before.",
    },
)

describe_enum(
    Reason,
    "TimelineReason",
    "Why an item stands in a timeline.",
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
    "From where a timeline was served.",
    {
        "READY": "From memory.",
        "REBUILDING": "Being rebuilt from the database; the page is right, perhaps short.",
        "DEGRADED": "The cache is away; served from the database.",
    },
)

describe_enum(
    ResetReason,
    "ResetReason",
    "Why a stream asks its reader to begin anew.",
    {
        "CURSOR_TOO_OLD": "What followed the cursor is not kept any more.",
        "TOO_SLOW": "The client took longer than what is kept for it.",
        "REBUILT": "The past of the timeline changed, for example by following somebody.",
    },
)

describe_enum(
    CampaignStatus,
    "CampaignStatus",
    "Whether a campaign shows its tweet. It moves by itself to EXHAUSTED and ENDED.",
    {
        "ACTIVE": "It runs, or will once it starts.",
        "PAUSED": "Its advertiser stopped it for now.",
        "EXHAUSTED": "What is left of the budget does not pay for one more impression.",
        "ENDED": "Its time is over.",
    },
)

describe_enum(
    NotificationKind,
    "NotificationKind",
    "What somebody did with the viewer or their tweets.",
    {
        "LIKE": "Liked a tweet of theirs.",
        "RETWEET": "Retweeted a tweet of theirs.",
        "QUOTE": "Quoted a tweet of theirs.",
        "REPLY": "Answered a tweet of theirs, whether or not it mentions them.",
        "MENTION": "Mentioned them.",
        "FOLLOW": "Follows them.",
        "FOLLOW_REQUEST": "Asks to follow them; gone once that is decided.",
    },
)

describe_enum(
    NotificationFilter,
    "NotificationFilter",
    "Which notifications.",
    {
        "ALL": "All.",
        "MENTIONS": "Replies, quotes and mentions.",
        "UNREAD": "Those not marked as read.",
    },
)

describe_enum(
    NotificationAudience,
    "NotificationAudience",
    "Whose acts somebody wants to be told of.",
    {
        "EVERYONE": "Everybody's.",
        "FOLLOWING": "Of people whom they follow.",
        "NOBODY": "Nobody's.",
    },
)
