"""Scopes: a table of all fields, and what an operation selects."""

from typing import Any, cast

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_composite_type, is_required_argument, parse

from core.auth.scopes import Scope
from core.errors import CodedError
from schema.request.scopes import ScopeGuard
from schema.roots import build_schema
from schema.values.declared_scopes import needed_scopes
from transport.execution.compilation import graphql_schema
from transport.execution.operations import Operation, Preparation
from transport.limits.limits import DEFAULT_LIMITS
from transport.request.graphql_request import GraphQLRequest

SCHEMA = graphql_schema(build_schema())
NEEDED = needed_scopes(SCHEMA)
SIGNED_IN_ALONE = {
    "Mutation": "register login refreshTokens logout changePassword deleteAccount createAccessToken revokeAccessToken "
    "createCampaign pauseCampaign resumeCampaign verifyEmail resendVerification requestPasswordReset resetPassword "
    "changeEmail changeHandle reviewCampaign reviewSignUp setRole setVerified moderate revokeDecision dismissReport "
    "appeal answerAppeal setFilter deleteFilter subscribeToPush setPushPreferences unsubscribeFromPush",
    "Viewer": "email pendingEmail dateOfBirth sessions accessTokens pushSubscriptions",
    "Session": "id device createdAt lastUsedAt isCurrent",
    "AccessToken": "id name scopes origin createdAt expiresAt lastUsedAt",
    "PushSubscription": "id sessionId service createdAt isCurrent preferences",
    "PushSubscriptionPayload": "pushSubscription userErrors",
    "AccessTokenPayload": "accessToken secret userErrors",
    "AcceptedPayload": "accepted userErrors",
    "AuthTokens": "accessToken refreshToken expiresAt",
    "AuthPayload": "tokens viewer userErrors",
}
BY_NOTIFICATIONS_TOO = {
    "Query": "notifications",
    "Subscription": "notificationEvents",
    "NotificationConnection": "edges pageInfo unreadCount headCursor",
    "NotificationEdge": "cursor node",
    "Notification": "id kind createdAt updatedAt actors actorCount tweet isRead isAccepted",
    "PageInfo": "hasNextPage hasPreviousPage startCursor endCursor",
    "StreamEvent": "cursor at",
    "NotificationChanged": "cursor at notification unreadCount",
    "UnreadCountChanged": "cursor at unreadCount",
    "NotificationsReset": "cursor at reason",
    "User": "id handle name bio avatarUrl bannerUrl joinedAt isProtected isVerified followerCount followingCount "
    "tweetCount",
    "Tweet": "id text lang isReply createdAt author device entities conversationId replyCount likeCount retweetCount "
    "quoteCount viewerHasLiked viewerHasRetweeted viewerHasBookmarked contentWarning isSensitive replyAudience "
    "isPinned isRemoved editedAt media",
    "Media": "id state failure altText blurhash width height variants",
    "MediaVariant": "size url width height contentType byteLength",
    "TweetEntities": "mentions hashtags urls",
    "MentionEntity": "handle start end user",
    "HashtagEntity": "tag start end",
    "UrlEntity": "url start end",
}
BY_UNREAD_COUNT_TOO = {
    "Query": "viewer",
    "Viewer": "unreadNotificationCount",
    "Subscription": "notificationEvents",
    "StreamEvent": "cursor at",
    "NotificationChanged": "cursor at unreadCount",
    "UnreadCountChanged": "cursor at unreadCount",
    "NotificationsReset": "cursor at reason",
}


def coordinates(table: dict[str, str]) -> set[str]:
    return {f"{name}.{field}" for name, fields in table.items() for field in fields.split()}


def expected(coordinate: str) -> set[Scope]:
    """The scopes that cover the field, by the tables above and by default."""
    if coordinate in coordinates(SIGNED_IN_ALONE):
        return set()
    if coordinate.startswith("Mutation."):
        return {Scope.WRITE}
    found = {Scope.READ, Scope.WRITE}
    found |= {Scope.READ_NOTIFICATIONS} if coordinate in coordinates(BY_NOTIFICATIONS_TOO) else set()
    return found | ({Scope.READ_UNREAD_COUNT} if coordinate in coordinates(BY_UNREAD_COUNT_TOO) else set())


def operation(document: str, schema: GraphQLSchema = SCHEMA, name: str | None = None) -> Operation:
    preparation = Preparation(schema, DEFAULT_LIMITS, introspection=True, suggestions=True)
    return preparation.prepare(GraphQLRequest(query=document, variables={}, operation_name=name))


def refusal(guard: ScopeGuard, asked: Operation, *scopes: Scope) -> str | None:
    """The message of the refusal; None if the scopes cover the operation."""
    try:
        guard.check(asked, scopes)
    except CodedError as error:
        return f"{error.code}: {error.message}"
    return None


def refused(document: str, *scopes: Scope, name: str | None = None) -> str | None:
    return refusal(ScopeGuard(SCHEMA, NEEDED), operation(document, name=name), *scopes)


def message(coordinate: str, allowed: set[Scope]) -> str:
    """A refusal names the scopes that would cover the field, and WRITE only where READ does not."""
    if not allowed:
        return f"FORBIDDEN: No scope of a token covers {coordinate}: this needs a sign-in."
    shown = allowed - {Scope.WRITE} or allowed
    return f"FORBIDDEN: {coordinate} needs a token with the scope {' or '.join(one for one in Scope if one in shown)}."


def minimal(coordinate: str) -> Operation:
    """An operation that selects one field, of whatever type, and nothing else that needs a scope."""
    type_name, field_name = coordinate.split(".")
    field = cast(GraphQLObjectType, SCHEMA.type_map[type_name]).fields[field_name]
    given = ", ".join(f"{key}: $x" for key, argument in field.args.items() if is_required_argument(argument))
    below = " { __typename }" if is_composite_type(get_named_type(field.type)) else ""
    selected = f"{field_name}{f'({given})' if given else ''}{below}"
    roots = {"Query": "query", "Mutation": "mutation", "Subscription": "subscription"}
    fragment = "" if type_name in roots else f"...on {type_name} "
    text = f"{roots.get(type_name, 'query')} {{ {f'{fragment}{{ {selected} }}' if fragment else selected} }}"
    document = parse(text)
    return Operation(
        GraphQLRequest(query=text), document, cast(Any, document.definitions[0]), 1, False, text, cast(Any, None)
    )


def test_tables_name_fields_that_there_are() -> None:
    for table in (SIGNED_IN_ALONE, BY_NOTIFICATIONS_TOO, BY_UNREAD_COUNT_TOO):
        assert coordinates(table) - NEEDED.keys() == set()


def test_every_scope_covers_its_fields_and_no_other() -> None:
    guard = ScopeGuard(SCHEMA, NEEDED)
    assert len(NEEDED) > 250
    for coordinate in NEEDED:
        asked, allowed = minimal(coordinate), expected(coordinate)
        for scope in Scope:
            wanted = None if scope in allowed else message(coordinate, allowed)
            assert (coordinate, scope, refusal(guard, asked, scope)) == (coordinate, scope, wanted)


def test_two_scopes_cover_what_either_does() -> None:
    document = "{ viewer { unreadNotificationCount } notifications { unreadCount } }"
    assert refused(document, Scope.READ_UNREAD_COUNT, Scope.READ_NOTIFICATIONS) is None
    assert refused(document, Scope.READ_UNREAD_COUNT) == (
        "FORBIDDEN: Query.notifications needs a token with the scope READ_NOTIFICATIONS or READ."
    )
    assert refused(document, Scope.READ_NOTIFICATIONS) == (
        "FORBIDDEN: Query.viewer needs a token with the scope READ_UNREAD_COUNT or READ."
    )


@pytest.mark.parametrize(
    "document",
    [
        "{ viewer { ...Mine } } fragment Mine on Viewer { email }",
        "{ viewer { ... { ... on Viewer { address: email } } } }",
        "{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { user { id } email }",
        "{ viewer { mutedWords email @skip(if: true) } }",
        "{ viewer { mutedWords ... @include(if: false) { email } } }",
        "mutation { setMutedWords(words: []) { viewer { email } } }",
    ],
)
def test_a_guarded_field_is_found_wherever_it_stands(document: str) -> None:
    assert refused(document, Scope.WRITE) == "FORBIDDEN: No scope of a token covers Viewer.email: this needs a sign-in."


def test_only_the_operation_that_runs_counts() -> None:
    document = "query A { viewer { mutedWords } } query B { viewer { ...Mine } } fragment Mine on Viewer { email }"
    assert refused(document, Scope.READ, name="A") is None
    assert refused(document, Scope.READ, name="B") is not None


def test_introspection_needs_no_scope() -> None:
    assert refused("{ __typename __schema { types { name } } }", Scope.READ_UNREAD_COUNT) is None


def test_answers_of_a_guard_do_not_depend_on_earlier_ones() -> None:
    guard = ScopeGuard(SCHEMA, NEEDED)
    mail, words = operation("{ viewer { email } }"), operation("{ viewer { mutedWords } }")
    for _ in range(2):
        assert refusal(guard, words, Scope.READ) is None
        assert refusal(guard, mail, Scope.READ) is not None
