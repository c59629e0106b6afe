"""A story during which clients lose their connections: acts of several people, and an API that restarts."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from datastore.embedded.stores import free_port
from tests.support.people import Person, sign_up
from tests.support.service import Service, running_api

WITHIN = 40.0
LIKE = "mutation($id: ID!) { like(tweetId: $id) { tweet { id } userErrors { message } } }"
NOTIFICATIONS = "{ notifications(first: 20) { unreadCount edges { node { id } } } }"
_POSTS_BEFORE = 30


class Story:
    """Acts of bob and carol, whom alice follows, and of alice."""

    def __init__(self, alice: Person, bob: Person, carol: Person, chance: random.Random) -> None:
        self.alice, self.bob, self.carol, self.chance = alice, bob, carol, chance
        self.mine: list[str] = []
        self.count = 0

    async def acts(self, count: int) -> None:
        choices = (self.post, self.delete, self.post_and_like, self.come_and_go)
        for _ in range(count):
            self.count += 1
            await self.chance.choices(choices, (10, 2, 3, 0.3))[0]()

    async def post(self) -> None:
        await self.chance.choice((self.bob, self.carol)).post(f"story {self.count}")

    async def delete(self) -> None:
        await self.bob.delete(await self.bob.post(f"short-lived {self.count}"))

    async def post_and_like(self) -> None:
        self.mine.append(await self.alice.post(f"mine {self.count}"))
        await self.bob.act(LIKE, id=self.chance.choice(self.mine))

    async def come_and_go(self) -> None:
        await self.alice.unfollow(self.carol)
        await self.alice.follow(self.carol)


async def begun(service: Service, seed: int) -> Story:
    """The people, and more than a page of tweets."""
    alice, bob, carol = [await sign_up(service, name) for name in ("alice", "bob", "carol")]
    for other in (bob, carol):
        await alice.follow(other)
    for number in range(_POSTS_BEFORE):
        await bob.post(f"before {number}")
    await service.settle()
    return Story(alice, bob, carol, random.Random(seed))


@asynccontextmanager
async def restarting_api(service: Service) -> AsyncIterator[tuple[int, Callable[[], Awaitable[None]]]]:
    """A second API of the service, its port, and what ends it and starts it again there."""
    port = free_port()
    context = running_api(service.settings, port)
    await context.__aenter__()

    async def restart() -> None:
        nonlocal context
        await context.__aexit__(None, None, None)
        context = running_api(service.settings, port)
        await context.__aenter__()

    try:
        yield port, restart
    finally:
        await context.__aexit__(None, None, None)


async def all_items(person: Person) -> list[str]:
    """Ids of the whole home timeline, as its pages have it."""
    await person.service.settle()
    items: list[str] = []
    after = None
    while True:
        page = await person.home(100, after)
        items += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return items
