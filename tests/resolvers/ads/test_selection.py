"""Ad selection: interests are read concurrently with the page, and never delay it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from core.devices import DeviceKind
from core.ids import UserId
from datastore.admin.indexes import make_indexes
from datastore.mongo.client import open_mongo
from datastore.redis import keys
from resolvers.ads.selection import AdSelection
from resolvers.services import Services, open_services
from schema.values.nodes import NodeType, decode_id
from tests.support.people import Person, sign_up
from tests.support.scenarios.campaigns import ad_texts, advertise, organic_texts, page
from tests.support.service import Service, running_service, settings_for
from tests.support.stores import OwnStore
from tests.support.waiting import eventually

OwnMongo = Callable[[], Awaitable[OwnStore]]
PROMISED_SECONDS = 2.0
RECOVERY_SECONDS = 30.0


@asynccontextmanager
async def fair_on(mongo_url: str, redis_url: str) -> AsyncIterator[tuple[Service, Person]]:
    """A service and a reader whose home page has one item and one advertisement."""
    async with open_mongo(mongo_url) as mongo:
        await make_indexes(mongo)
    settings = settings_for(mongo_url, redis_url, rate_limit="off", ad_spacing=1)
    async with running_service(settings) as service:
        reader, shop = await sign_up(service, "reader"), await sign_up(service, "shop")
        await reader.post("an item")
        await service.settle()
        await advertise(shop, "a bargain")
        yield service, reader


def user_number(person: Person) -> UserId:
    return UserId(decode_id(person.id, NodeType.USER))


async def shown(reader: Person) -> tuple[list[str], list[str]]:
    edges = (await page(reader))["edges"]
    return organic_texts(edges), ad_texts(edges)


async def test_page_comes_soon_and_without_advertisements_where_they_cannot_be_chosen(
    own_mongo: OwnMongo, redis_url: str
) -> None:
    mongo = await own_mongo()
    async with fair_on(mongo.url, redis_url) as (service, reader):
        number = user_number(reader)

        async def is_cached() -> bool:
            """After a change its rows are kept out of the cache for some seconds."""
            await page(reader)
            return bool(await service.stores.redis.get(keys.viewpoint(number)))

        await eventually(is_cached)
        await service.stores.ads.interests.invalidate(number)
        mongo.pause()
        try:
            async with asyncio.timeout(PROMISED_SECONDS):
                assert await shown(reader) == (["an item"], [])
        finally:
            mongo.resume()

        async def is_shown() -> bool:
            return await shown(reader) == (["an item"], ["a bargain"])

        await eventually(is_shown, within=RECOVERY_SECONDS)


@asynccontextmanager
async def offered_services(service: Service) -> AsyncIterator[Services]:
    """Services of another process, which has not cached the reader but has the campaign in its inventory."""
    async with open_services(service.stores, service.settings) as services:
        await services.ad_inventory.refresh()
        yield services


async def test_what_they_are_chosen_by_is_read_while_the_page_is(mongo_url: str, redis_url: str) -> None:
    async with fair_on(mongo_url, redis_url) as (service, reader), offered_services(service) as services:
        number, redis = user_number(reader), service.stores.redis
        await redis.delete(keys.interests(number))
        assert not service.stores.ads.interests.is_remembered(number)
        view = await service.stores.users.viewpoints.get(number)
        with AdSelection(services, number, DeviceKind.API) as selection:

            async def is_there() -> bool:
                return bool(await redis.get(keys.interests(number)))

            await eventually(is_there)
            (chosen,) = await selection.choose(view, 1, ())
        assert chosen.candidate.tweet.text == "a bargain"


async def test_what_a_page_did_not_come_to_wait_for_is_given_up(mongo_url: str, redis_url: str) -> None:
    async with fair_on(mongo_url, redis_url) as (service, reader), offered_services(service) as services:
        await service.stores.redis.delete(keys.interests(user_number(reader)))
        with AdSelection(services, user_number(reader), DeviceKind.API):
            (begun,) = [task for task in asyncio.all_tasks() if task.get_name() == "interests"]
        await asyncio.wait([begun])
        assert begun.cancelled()
