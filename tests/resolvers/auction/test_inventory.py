"""The ad inventory after changes: candidates in auction order, without campaigns that can't pay."""

from typing import cast

from datastore.ads.campaigns import CampaignRecord
from datastore.stores import Stores
from resolvers.auction.auction import ranked_by_score
from resolvers.auction.inventory import AdInventory
from tests.resolvers.auction.test_auction import campaign, candidate

CHEAP, DEAR = campaign(1, bid_cents=1_000), campaign(2, bid_cents=2_000)


def inventory_of(*records: CampaignRecord) -> AdInventory:
    """An inventory that is updated only, so that it needs no stores."""
    inventory = AdInventory(cast(Stores, None))
    inventory.current = ranked_by_score(map(candidate, records))
    return inventory


def campaigns(inventory: AdInventory) -> list[CampaignRecord]:
    return [one.campaign for one in inventory.current]


def test_a_changed_campaign_is_replaced_and_the_others_stay() -> None:
    inventory = inventory_of(CHEAP, DEAR)
    changed = CHEAP._replace(impressions=1)
    inventory.update(changed)
    assert campaigns(inventory) == [DEAR, changed]


def test_a_change_of_the_click_rate_changes_the_order() -> None:
    inventory = inventory_of(CHEAP, DEAR)
    clicked = CHEAP._replace(impressions=10, clicks=9)
    inventory.update(clicked)
    assert campaigns(inventory) == [clicked, DEAR]


def test_a_campaign_that_cannot_pay_is_dropped() -> None:
    for unable in (DEAR._replace(is_paused=True), DEAR._replace(left=0)):
        inventory = inventory_of(CHEAP, DEAR)
        inventory.update(unable)
        assert campaigns(inventory) == [CHEAP]


def test_a_campaign_that_is_not_in_the_inventory_is_not_added() -> None:
    inventory = inventory_of(CHEAP)
    inventory.update(DEAR)
    assert campaigns(inventory) == [CHEAP]
