"""Operations about notifications, through the public API."""

from typing import Any

from tests.support.people import Person

NOTIFICATIONS = """query Notifications($first: Int!, $after: String, $filter: NotificationFilter!) {
  notifications(first: $first, after: $after, filter: $filter) {
    unreadCount headCursor pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { id kind createdAt updatedAt actorCount isRead actors { handle } tweet { id } } } } }"""
LIKE = "mutation Like($id: ID!) { like(tweetId: $id) { userErrors { code } } }"
UNLIKE = "mutation Unlike($id: ID!) { unlike(tweetId: $id) { userErrors { code } } }"
RETWEET = "mutation Retweet($id: ID!) { retweet(tweetId: $id) { userErrors { code } } }"
UNRETWEET = "mutation Unretweet($id: ID!) { unretweet(tweetId: $id) { userErrors { code } } }"
READ = "mutation Read($upTo: String) { markNotificationsRead(upTo: $upTo) { unreadCount userErrors { code } } }"
BLOCK = "mutation Block($id: ID!) { block(userId: $id) { userErrors { code } } }"
UNBLOCK = "mutation Unblock($id: ID!) { unblock(userId: $id) { userErrors { code } } }"
MUTE = "mutation Mute($id: ID!) { mute(userId: $id) { userErrors { code } } }"
UNMUTE = "mutation Unmute($id: ID!) { unmute(userId: $id) { userErrors { code } } }"
MUTE_WORDS = "mutation Words($words: [String!]!) { setMutedWords(words: $words) { userErrors { code } } }"
PROFILE = "mutation Profile($input: UpdateProfileInput!) { updateProfile(input: $input) { userErrors { code } } }"
ACCEPT = "mutation Accept($id: ID!) { acceptFollowRequest(userId: $id) { userErrors { code } } }"
UNREAD = "{ viewer { unreadNotificationCount } }"
PREFER = """mutation Prefer($kind: NotificationKind!, $audience: NotificationAudience!) {
  setNotificationPreference(kind: $kind, audience: $audience) {
    viewer { notificationPreferences { kind audience } } userErrors { code field } } }"""


async def notifications(
    person: Person, first: int = 100, after: str | None = None, chosen: str = "ALL"
) -> dict[str, Any]:
    """Reads a page of notifications when all jobs are done."""
    await person.service.settle()
    found: dict[str, Any] = (await person.ask(NOTIFICATIONS, first=first, after=after, filter=chosen))["notifications"]
    return found


async def summaries(person: Person, chosen: str = "ALL") -> list[tuple[str, list[str], int]]:
    """Kind, names of the actors, and actor count of each notification."""
    nodes = [edge["node"] for edge in (await notifications(person, chosen=chosen))["edges"]]
    return [
        (node["kind"], [actor["handle"].rsplit("_", 1)[0] for actor in node["actors"]], node["actorCount"])
        for node in nodes
    ]
