"""How long pushes take: alone, beside as many to a living service, and to dead ones; prints what it measured."""

import sys
from time import monotonic

import pytest

from core.auth.tokens import utc_now
from core.devices import UNKNOWN_DEVICE
from core.ids import SessionId
from core.push.keys import parse_browser_keys
from core.settings import Switch
from datastore.push.subscriptions import PushSubscriptionRecord
from schema.types.users import decode_user_id
from tests.support.people import Person, sign_up
from tests.support.scenarios.push import SERVER_KEY, Browser
from tests.support.scenarios.push_service import PushServiceStub, dead_push_service, running_push_service
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = [pytest.mark.long, pytest.mark.asyncio(loop_scope="module")]

OWN_DATABASE = True
SETTINGS = {"push_to_loopback": Switch.ON}
PEOPLE, DEVICES, AT_ONCE = 40, 50, 2
LONGEST_P99 = 5.0
MOST_DELAY = 0.5


async def test_dead_services_delay_living_ones_no_more_than_living_ones_do(
    shared_service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("datastore.push.subscriptions.MOST_SUBSCRIPTIONS", 10_000)
    people = [await sign_up(shared_service, "rook") for _ in range(PEOPLE)]
    beside_living, beside_dead = people[::2], people[1::2]
    async with running_push_service() as stub, running_push_service() as other, dead_push_service() as silent:
        for person in people:
            for number in range(DEVICES):
                await subscribe(shared_service, person, *stub.browser(f"/{person.handle}/{number}"))
        alone = await told_within(shared_service, people, stub, "a heron flew by")
        for number in range(DEVICES):
            for person in beside_living:
                await subscribe(shared_service, person, *other.browser(f"/{person.handle}/{number}"))
            for person in beside_dead:
                dead = silent if number % 2 else "http://127.0.0.1:9"
                await subscribe(shared_service, person, f"{dead}/{person.handle}/{number}", Browser())
        control = await told_within(shared_service, beside_living, stub, "where do owls sleep?")
        beside = await told_within(shared_service, beside_dead, stub, "a nest is empty")
        assert stub.faults == other.faults == []
    with capsys.disabled():
        sys.stdout.write(f"\n{len(alone)} pushes, seconds from the act: {figures(alone)}\n")
        sys.stdout.write(f"{len(control)} beside as many to another living service: {figures(control)}\n")
        sys.stdout.write(f"{len(beside)} beside as many to dead services: {figures(beside)}\n")
    assert [len(alone), len(control), len(beside)] == [PEOPLE * DEVICES, *[PEOPLE * DEVICES // 2] * 2]
    for sample in (alone, control, beside):
        assert percentile(sample, 99) < LONGEST_P99
    for percent in (50, 99):
        assert percentile(beside, percent) - percentile(control, percent) < MOST_DELAY


async def subscribe(service: Service, person: Person, endpoint: str, browser: Browser) -> None:
    """A session of its own with a subscription, straight into the stores."""
    stores, user_id = service.stores, decode_user_id(person.id)
    session_id = SessionId(stores.ids())
    await stores.users.sessions.insert(session_id, user_id, UNKNOWN_DEVICE)
    p256dh, auth = parse_browser_keys(**browser.keys)
    key = (await service.ask(SERVER_KEY))["data"]["pushServerKey"]
    record = PushSubscriptionRecord(session_id, user_id, endpoint, p256dh or b"", auth or b"", key, {}, utc_now())
    assert await stores.push.subscriptions.put(record)


async def told_within(service: Service, people: list[Person], stub: PushServiceStub, words: str) -> list[float]:
    """Seconds from the act until each device was told of it; a few people are mentioned at once.

    `words` are new each time: equal texts are one notification, which devices are told of again after a while alone.
    """
    author, acted, told = await sign_up(service, "author"), dict[str, float](), list[float]()
    for some in [people[first : first + AT_ONCE] for first in range(0, len(people), AT_ONCE)]:
        expected = len(some) * DEVICES
        stub.received.clear()
        for person in some:
            acted[person.handle] = monotonic()
            await author.post(f"{words} @{person.handle}")
        await eventually(lambda: len(stub.received) >= expected, within=60.0)  # noqa: B023
        told += [one.at - acted[one.path.split("/")[1]] for one in stub.received]
    return sorted(told)


def percentile(sample: list[float], percent: int) -> float:
    return sample[min(len(sample) * percent // 100, len(sample) - 1)]


def figures(sample: list[float]) -> str:
    return (
        ", ".join(f"p{percent} {percentile(sample, percent):.2f}" for percent in (50, 95, 99))
        + f", max {sample[-1]:.2f}"
    )
