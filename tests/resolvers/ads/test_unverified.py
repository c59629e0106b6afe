"""Campaigns of people who have not verified an address never run where that is required."""

import pytest

from resolvers.auction.inventory import AdInventory
from schema.values.nodes import NodeType, decode_id
from tests.support.people import sign_up
from tests.support.scenarios.campaigns import advertise
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")
# Its campaigns would stand in the timelines of other tests.
OWN_DATABASE = True


async def test_campaigns_of_the_unverified_never_run(shared_service: Service) -> None:
    service = shared_service
    shop, other = await sign_up(service, "shop"), await sign_up(service, "other")
    for person in (shop, other):
        await advertise(person, f"by {person.handle}")
    users, shop_id = service.stores.mongo.collection("users"), decode_id(shop.id, NodeType.USER)
    await users.update_many({"_id": shop_id}, {"$set": {"is_unverified": True}})
    other_id = decode_id(other.id, NodeType.USER)
    await users.update_one({"_id": other_id}, {"$unset": {"is_unverified": 1}})
    for requires_verification, shown in ((True, {other_id}), (False, {shop_id, other_id})):
        inventory = AdInventory(service.stores, requires_verification=requires_verification)
        await inventory.refresh()
        advertisers = {candidate.campaign.advertiser_id for candidate in inventory.current}
        assert advertisers & {shop_id, other_id} == shown
