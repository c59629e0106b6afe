"""Shared by tests of homeTimelineEvents: people, and assertions on their events."""

from core.auth.tokens import AccessTokens
from core.ids import UserId
from core.settings import signing_keys
from datastore.redis import keys
from tests.support.people import Person, Socket, sign_up
from tests.support.service import Service
from tests.support.waiting import eventually


def number_of(person: Person) -> UserId:
    """The user id of the person."""
    keys_ = signing_keys(person.service.settings)
    return AccessTokens(keys_).check(person.token).user_id


async def pair(service: Service) -> tuple[Person, Person]:
    """A reader, and Alice, whom the reader follows."""
    reader, alice = await sign_up(service, "reader"), await sign_up(service, "alice")
    await reader.follow(alice)
    await service.settle()
    return reader, alice


async def added(socket: Socket, count: int) -> list[str]:
    """The texts of the next events, which must all be additions."""
    events = [await socket.event() for _ in range(count)]
    assert {event["__typename"] for event in events} == {"TimelineItemAdded"}
    return [event["edge"]["node"]["text"] for event in events]


async def is_quiet(socket: Socket) -> bool:
    """Whether no event waits, for a pong would come after it."""
    await socket.send({"type": "ping"})
    return await socket.message() == {"type": "pong"}


async def until_live(service: Service, person: Person) -> None:
    """Waits until a person who never read their timeline has subscribed to it."""

    async def is_live() -> bool:
        return bool(await service.stores.redis.exists(keys.live(keys.home(number_of(person)))))

    await eventually(is_live)
