"""Stores of campaigns, impressions, and interests."""

from dataclasses import dataclass

from datastore.ads.campaigns import CampaignStore
from datastore.ads.impressions import ImpressionStore
from datastore.ads.interests import InterestStore
from datastore.ads.unwanted import UnwantedAdStore
from datastore.mongo.client import Mongo
from datastore.redis.node.pipeline import CommandPipeline


@dataclass(frozen=True, slots=True)
class AdStores:
    campaigns: CampaignStore
    impressions: ImpressionStore
    interests: InterestStore
    unwanted: UnwantedAdStore


def ad_stores(mongo: Mongo, *, pipeline: CommandPipeline) -> AdStores:
    impressions, unwanted = ImpressionStore(mongo), UnwantedAdStore(mongo)
    return AdStores(
        campaigns=CampaignStore(mongo),
        impressions=impressions,
        interests=InterestStore(mongo, pipeline, impressions, unwanted),
        unwanted=unwanted,
    )
