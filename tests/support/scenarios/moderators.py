"""People with roles, as the operator makes them."""

from core.ids import UserId
from core.roles import Role
from datastore.moderation.log import LogLine
from schema.values.nodes import NodeType, decode_id
from tests.support.people import Person, sign_up
from tests.support.service import Service


async def grant(person: Person, role: Role) -> None:
    stores, user_id = person.service.stores, UserId(decode_id(person.id, NodeType.USER))
    line = LogLine(stores.ids(), None, f"SET_ROLE {role}", ("User", user_id))
    assert await stores.users.roles.set(user_id, role, line)


async def sign_up_moderator(service: Service, role: Role = Role.MODERATOR) -> Person:
    person = await sign_up(service, role.lower()[:8])
    await grant(person, role)
    return person
