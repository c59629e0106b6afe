"""Requests to push services, by a receiver on loopback that checks and decrypts them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpcore
import pytest

from core.auth.tokens import utc_now
from core.ids import SessionId, UserId
from core.push.keys import new_vapid_keys, parse_browser_keys
from core.push.messages import MOST_BYTES, encrypted
from datastore.embedded.stores import free_port
from datastore.push.subscriptions import PushSubscriptionRecord
from tests.support.scenarios.push import Browser
from tests.support.scenarios.push_service import PushServiceStub, dead_push_service, running_push_service
from workers.push.guarded import GuardedBackend, PrivateAddressError
from workers.push.messages import PushMessage, shortened
from workers.push.sender import Answer, Outcome, PushSender, open_sender

MESSAGE = PushMessage(b'{"kind":"LIKE"}', "topic", "low", 60)


@pytest.fixture
async def sender() -> AsyncIterator[PushSender]:
    async with open_sender(new_vapid_keys(), "mailto:birds@example.org", allows_loopback=True) as opened:
        yield opened


@pytest.fixture
async def service() -> AsyncIterator[PushServiceStub]:
    async with running_push_service() as stub:
        yield stub
        assert stub.faults == []


async def message() -> PushMessage:
    return MESSAGE


def subscription(endpoint: str, browser: Browser | None = None) -> PushSubscriptionRecord:
    p256dh, auth = parse_browser_keys(**(browser or Browser()).keys)
    assert p256dh is not None
    assert auth is not None
    return PushSubscriptionRecord(SessionId(1), UserId(1), endpoint, p256dh, auth, "key", {}, utc_now())


async def test_a_push_is_encrypted_for_its_browser_and_signed(sender: PushSender, service: PushServiceStub) -> None:
    (one, first), (two, second) = service.browser("/1"), service.browser("/2")
    assert await sender.send(subscription(one, first), message) == Answer(Outcome.SENT)
    service.answers["/2"] = (204, {})
    assert await sender.send(subscription(two, second), message) == Answer(Outcome.SENT)
    assert [(got.path, got.message, got.headers["topic"], got.headers["ttl"]) for got in service.received] == [
        ("/1", {"kind": "LIKE"}, "topic", "60"),
        ("/2", {"kind": "LIKE"}, "topic", "60"),
    ]


async def test_what_a_service_says_decides_what_follows(sender: PushSender, service: PushServiceStub) -> None:
    endpoint, browser = service.browser("/1")
    for status, outcome in (
        (404, Outcome.GONE),
        (410, Outcome.GONE),
        (400, Outcome.REFUSED),
        (403, Outcome.REFUSED),
        (413, Outcome.REFUSED),
        (302, Outcome.REFUSED),
    ):
        service.answers["/1"] = (status, {"location": service.origin})
        assert await sender.send(subscription(endpoint, browser), message) == Answer(outcome)
    for status, more, seconds in ((429, {"retry-after": "120"}, 120), (503, {"retry-after": "x"}, 0), (500, {}, 0)):
        service.answers["/1"] = (status, more)
        assert await sender.send(subscription(endpoint, browser), message) == Answer(Outcome.FAILED, seconds)
    resting = await sender.send(subscription(endpoint, browser), message)
    assert (resting.outcome, len(service.asked)) == (Outcome.PUT_OFF, 9)


async def test_a_dead_service_takes_the_turn_of_no_other(
    sender: PushSender, service: PushServiceStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a thousand pushes wait for a service that never answers, those to another arrive."""
    for seconds in ("_SECONDS", "_TIMEOUTS"):
        monkeypatch.setattr(f"workers.push.sender.{seconds}", 600.0 if seconds == "_SECONDS" else {})
    monkeypatch.setattr("workers.push.services._LONGEST_WAIT", 600.0)
    async with dead_push_service() as dead:
        for_dead = [asyncio.create_task(sender.send(subscription(f"{dead}/{one}"), message)) for one in range(1_000)]
        await asyncio.sleep(0)
        sent = await asyncio.gather(*[sender.send(subscription(*service.browser(f"/{one}")), message) for one in "ab"])
        assert set(sent) == {Answer(Outcome.SENT)}
        assert not any(task.done() for task in for_dead)
        for task in for_dead:
            task.cancel()
        await asyncio.gather(*for_dead, return_exceptions=True)


async def test_a_service_that_is_away_is_asked_a_few_times(sender: PushSender) -> None:
    for_none = [sender.send(subscription(f"http://127.0.0.1:{free_port()}/1"), message)]
    away = f"http://127.0.0.1:{free_port()}"
    for_none += [sender.send(subscription(f"{away}/{one}"), message) for one in range(1_000)]
    outcomes = [answer.outcome for answer in await asyncio.gather(*for_none)]
    assert outcomes[0] is Outcome.FAILED
    assert outcomes.count(Outcome.FAILED) <= 5
    assert outcomes.count(Outcome.PUT_OFF) >= 996


async def test_names_that_lead_into_private_networks_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def resolve(*arguments: Any) -> list[Any]:
        asked.append(arguments[0])
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ADDRESSES[arguments[0]]]

    monkeypatch.setattr("workers.push.guarded.socket.getaddrinfo", resolve)
    async with open_sender(new_vapid_keys(), "mailto:birds@example.org", allows_loopback=False) as strict:
        for host in ADDRESSES:
            answer = await strict.send(subscription(f"https://{host}/1"), message)
            assert (host, answer.outcome) == (host, Outcome.REFUSED)
        assert asked == list(ADDRESSES)
        for endpoint in ("http://127.0.0.1:8080/1", "https://127.0.0.1/1", "https://10.0.0.1/"):
            assert (await strict.send(subscription(endpoint), message)).outcome is Outcome.REFUSED


ADDRESSES = {
    "one.example.net": ("127.0.0.1",),
    "two.example.net": ("10.0.0.1", "192.168.0.1", "169.254.169.254"),
    "three.example.net": ("::1", "fd00::1", "fe80::1%eth0", "::ffff:10.0.0.1"),
    "four.example.net": (),
}


async def test_the_very_address_that_was_checked_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere at the second look-up is looked up once."""
    connected = list[str]()

    async def connect(_: Any, host: str, *__: Any) -> httpcore.AsyncNetworkStream:
        connected.append(host)
        raise httpcore.ConnectError(host)

    answers = iter([["10.0.0.1", "8.8.8.8", "8.8.4.4"], ["127.0.0.1"]])
    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    monkeypatch.setattr(
        "workers.push.guarded.socket.getaddrinfo", lambda *_: [(2, 1, 6, "", (one, 443)) for one in next(answers)]
    )
    backend = GuardedBackend(lambda: None, allows_loopback=False)  # type: ignore[arg-type, return-value]
    with pytest.raises(httpcore.ConnectError, match=r"8\.8\.4\.4"):
        await backend.connect_tcp("push.example.net", 443, 1.0)
    assert connected == ["8.8.8.8", "8.8.4.4"]
    with pytest.raises(PrivateAddressError):
        await backend.connect_tcp("push.example.net", 443, 1.0)


async def test_messages_fit_one_record() -> None:
    browser = Browser()
    record = subscription("https://push.example.net/1", browser)
    filled = b'{"x":"' + b"x" * (MOST_BYTES - 8) + b'"}'
    assert browser.decrypt(encrypted(filled, record.p256dh, record.auth)) == {"x": "x" * (MOST_BYTES - 8)}
    assert len(encrypted(filled, record.p256dh, record.auth)) == 4_096
    with pytest.raises(ValueError, match="no single record"):
        encrypted(filled + b" ", record.p256dh, record.auth)
    assert shortened("ä" * 10, 20) == "ä" * 10
    assert shortened("ä" * 11, 21) == "ä" * 10 + "…"
