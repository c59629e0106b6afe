"""People with roles, as the operator makes them, and what they decide."""

from datetime import datetime
from typing import Any

from core.ids import UserId
from core.roles import Role
from datastore.moderation.log import LogLine
from schema.values.nodes import NodeType, decode_id
from tests.support.people import Person, sign_up
from tests.support.service import Service

REPORT = """mutation Report($subject: ID!, $reason: ReportReason!, $comment: String) {
  report(input: {subject: $subject, reason: $reason, comment: $comment}) {
    report { id reason comment reporters state createdAt version decision { id }
      subject { __typename ... on Tweet { id text } ... on User { id handle } } }
    userErrors { code field message } } }"""
QUEUE = """query Queue($first: Int!, $after: String, $state: ReportState!) {
  moderation { reports(first: $first, after: $after, state: $state) {
    edges { cursor node { id reason comment reporters state createdAt version decision { id action }
      subject { __typename ... on Tweet { id text isRemoved author { handle } } ... on User { id handle } } } }
    pageInfo { hasNextPage hasPreviousPage endCursor } } } }"""
DISMISS = """mutation Dismiss($id: ID!, $note: String) { dismissReport(id: $id, note: $note) {
  report { id state } userErrors { code field message } } }"""
MODERATE = """mutation Moderate($input: ModerateInput!) { moderate(input: $input) {
  decision { id action reason explanation createdAt until revokedAt appeal { text }
    subject { ... on Tweet { id text } ... on User { id handle } } }
  userErrors { code field message } } }"""
REVOKE = """mutation Revoke($id: ID!, $note: String) { revokeDecision(id: $id, note: $note) {
  decision { id revokedAt } userErrors { code field message } } }"""
LOG = """query Log($first: Int!, $after: String) { moderation { log(first: $first, after: $after) {
  edges { cursor node { at action note subjectId actor { handle } } } pageInfo { hasNextPage endCursor } } } }"""


async def grant(person: Person, role: Role) -> None:
    stores, user_id = person.service.stores, UserId(decode_id(person.id, NodeType.USER))
    line = LogLine(stores.ids(), None, f"SET_ROLE {role}", ("User", user_id))
    assert await stores.users.roles.set(user_id, role, line)


async def sign_up_moderator(service: Service, role: Role = Role.MODERATOR) -> Person:
    person = await sign_up(service, role.lower()[:8])
    await grant(person, role)
    return person


async def report(person: Person, subject: str, comment: str | None = None, reason: str = "SPAM") -> dict[str, Any]:
    payload = await person.act(REPORT, subject=subject, reason=reason, comment=comment)
    result: dict[str, Any] = payload["report"]
    return result


async def queue(moderator: Person, state: str = "OPEN", subject: str | None = None) -> list[dict[str, Any]]:
    """The reports in this state; of one subject where it is given."""
    page = (await moderator.ask(QUEUE, first=100, state=state))["moderation"]["reports"]
    found = [edge["node"] for edge in page["edges"]]
    return [one for one in found if subject is None or (one["subject"] or {}).get("id") == subject]


async def moderate(
    moderator: Person, subject: str, action: str, *, until: datetime | None = None, **more: Any
) -> dict[str, Any]:
    """The decision."""
    more |= {} if until is None else {"until": f"{until:%Y-%m-%dT%H:%M:%S.%fZ}"}
    payload = await moderator.act(MODERATE, input={"subject": subject, "action": action, "reason": "SPAM"} | more)
    result: dict[str, Any] = payload["decision"]
    return result


async def revoke(moderator: Person, decision: dict[str, Any], note: str | None = None) -> dict[str, Any]:
    result: dict[str, Any] = (await moderator.act(REVOKE, id=decision["id"], note=note))["decision"]
    return result


async def log_about(moderator: Person, subject: str) -> list[tuple[str, str | None, str | None]]:
    """Action, note and handle of the actor of each line about the subject, newest first."""
    lines = [edge["node"] for edge in (await moderator.ask(LOG, first=100))["moderation"]["log"]["edges"]]
    return [
        (one["action"], one["note"], one["actor"] and one["actor"]["handle"])
        for one in lines
        if one["subjectId"] == subject
    ]
