"""GraphQL enums of moderation, each value with its description."""

from core.moderation import FilterEffect, FilterKind, ModerationAction, ReportReason, ReportState
from core.roles import Role
from schema.values.describe_enum import describe_enum

describe_enum(
    Role,
    "Role",
    "The right to decide about others, given by an admin or by the operator of the service.",
    {
        "MEMBER": "Everybody.",
        "MODERATOR": "Decides about members and their campaigns.",
        "ADMIN": "Decides about everybody else, and gives roles.",
    },
)

describe_enum(
    ReportReason,
    "ReportReason",
    "Why something is reported, or decided.",
    {
        "SPAM": "Unwanted advertising or repetition.",
        "ABUSE": "Insults, harassment or threats.",
        "HATE": "Hate against a group of people.",
        "VIOLENCE": "Violence, or a call for it.",
        "SELF_HARM": "Harm to oneself.",
        "SEXUAL": "Sexual content.",
        "CHILD_SAFETY": "A danger to children.",
        "IMPERSONATION": "Somebody passes for somebody else.",
        "ILLEGAL": "The law forbids it.",
        "MISLEADING_AD": "An advertisement that misleads.",
        "OTHER": "Something else.",
    },
)

describe_enum(
    ReportState,
    "ReportState",
    "How far a report is.",
    {
        "OPEN": "It waits for moderators.",
        "RESOLVED": "Moderators decided about its subject.",
        "DISMISSED": "Moderators saw no reason to decide.",
    },
)

describe_enum(
    ModerationAction,
    "ModerationAction",
    "Act of moderators on a tweet or a person.",
    {
        "WARN": "Told to the person; nothing else changes.",
        "MARK_SENSITIVE": "A tweet is marked as sensitive.",
        "REMOVE": "A tweet is gone for everybody but its author, who sees it marked as removed.",
        "LIMIT": "A person is seen by their followers alone, and by others only where these look for them.",
        "SUSPEND": "A person is as if deleted and can't sign in, until it is revoked or has run out.",
    },
)

describe_enum(
    FilterKind,
    "FilterKind",
    "To what a filter of the operator applies.",
    {
        "WORD": "Texts of tweets and the warnings before them, handles, names and bios, names and descriptions of "
        "lists.",
        "LINK": "Links in all these texts.",
        "EMAIL": "Addresses of new accounts, and new addresses.",
    },
)

describe_enum(
    FilterEffect,
    "FilterEffect",
    "What a filter of the operator does.",
    {
        "REFUSE": "It is refused, without naming the filter.",
        "HOLD": "A tweet is removed until moderators revoke that, and reported; a new account waits for approval; "
        "everything else is refused.",
    },
)
