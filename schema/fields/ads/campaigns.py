"""Campaigns of the signed-in person: Campaign, createCampaign, pauseCampaign, resumeCampaign."""

from collections.abc import Awaitable
from datetime import date, datetime
from typing import Annotated

import strawberry

from core.auth.tokens import utc_now
from core.devices import DeviceKind
from core.ids import CampaignId
from datastore.ads.campaigns import MILLICENTS, CampaignRecord, CampaignStatus, DailyFigures
from datastore.records.items import TweetRecord
from resolvers.ads import campaigns
from resolvers.ads.campaigns import Booking
from resolvers.pages import Page
from schema.request.context import Info
from schema.types.tweets import Tweet, decode_tweet_id, present_tweet
from schema.values import enums  # noqa: F401 - describes statuses and devices before they are used
from schema.values.connections import PageInfo, page_info, write_cursor
from schema.values.nodes import Node, NodeType, decode_id, global_id
from schema.values.payloads import UserError, mutation_payload
from schema.values.scopes import SIGNED_IN_ALONE


@strawberry.type(description="Results of a campaign on one day (UTC), by the time of recording.")
class CampaignDay:
    day: date = strawberry.field(description="The day in UTC.")
    impressions: int = strawberry.field(description="Number of paid impressions.")
    clicks: int = strawberry.field(description="Number of clicks.")
    spent_cents: int = strawberry.field(description="Amount paid, in whole cents.")


@strawberry.type(
    description="An advertiser's order to show a tweet of their own. Only its advertiser and moderators see it."
)
class Campaign(Node):
    record: strawberry.Private[CampaignRecord]
    tweet_record: strawberry.Private[TweetRecord]
    bid_cents: int = strawberry.field(description="Price of a thousand impressions, in cents.")
    budget_cents: int = strawberry.field(description="Total budget in cents.")
    spent_cents: int = strawberry.field(
        description="Amount spent so far, in whole cents; an impression costs bidCents / 1000."
    )
    starts_at: datetime = strawberry.field(description="Start of the campaign.")
    ends_at: datetime = strawberry.field(description="End of the campaign.")
    target_hashtags: list[str] = strawberry.field(
        description="Shown to people who follow one of these hashtags or recently liked a tweet with one; empty: all."
    )
    target_devices: list[DeviceKind] = strawberry.field(description="Shown on these kinds of devices; empty: on all.")
    frequency_cap: int = strawberry.field(description="Most impressions for one person in 24 hours.")
    impressions: int = strawberry.field(description="Number of paid impressions.")
    clicks: int = strawberry.field(description="Number of clicks.")

    @strawberry.field(description="The advertised tweet.")
    def tweet(self) -> Tweet:
        return present_tweet(self.tweet_record)

    @strawberry.field(description="Its current state.")
    def status(self) -> CampaignStatus:
        return self.record.status(utc_now())

    @strawberry.field(description="Results by day, oldest first, without days on which nothing was counted.")
    def days(self) -> list[CampaignDay]:
        return [_day(figures) for figures in self.record.days]


@strawberry.type(description="One entry of a list of campaigns.")
class CampaignEdge:
    cursor: str = strawberry.field(description="Cursor of the entry.")
    node: Campaign = strawberry.field(description="The campaign.")


@strawberry.type(description="A page of a list of campaigns.")
class CampaignConnection:
    edges: list[CampaignEdge] = strawberry.field(description="The entries of this page, the newest first.")
    page_info: PageInfo = strawberry.field(description="Position of the page in the list.")


@strawberry.input(description="A campaign to make.")
class CreateCampaignInput:
    tweet: strawberry.ID = strawberry.field(description="A tweet of one's own, and not of a protected account.")
    bid_cents: int = strawberry.field(description="Price of a thousand impressions, in cents: 1 to 1,000,000.")
    budget_cents: int = strawberry.field(description="Total budget in cents: 1 to 100,000,000.")
    starts_at: datetime = strawberry.field(description="Start of the campaign.")
    ends_at: datetime = strawberry.field(
        description="End of the campaign, in the future; at most 366 days after the start."
    )
    target_hashtags: list[str] = strawberry.field(
        default_factory=list, description="At most 20 hashtags, with or without #; empty: for everybody."
    )
    target_devices: list[DeviceKind] = strawberry.field(default_factory=list, description="Device kinds; empty: all.")
    frequency_cap: int = strawberry.field(
        default=3, description="Most impressions for one person in 24 hours: 1 to 100."
    )


@strawberry.type(description="Result of a mutation of a campaign.")
class CampaignPayload:
    campaign: Campaign | None = strawberry.field(default=None, description="Null if the mutation was refused.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Refusal reasons, else empty.")


CampaignIdArgument = Annotated[strawberry.ID, strawberry.argument(description="The campaign.")]


@strawberry.type
class CampaignMutation:
    @strawberry.mutation(directives=SIGNED_IN_ALONE, description="Makes a campaign for a tweet of one's own.")
    async def create_campaign(
        self, info: Info, input: Annotated[CreateCampaignInput, strawberry.argument(description="The campaign.")]
    ) -> CampaignPayload:
        identity = info.context.signed_in
        booking = Booking(
            tweet_id=decode_tweet_id(input.tweet),
            bid_cents=input.bid_cents,
            budget_cents=input.budget_cents,
            starts_at=input.starts_at,
            ends_at=input.ends_at,
            hashtags=input.target_hashtags,
            devices=input.target_devices,
            frequency_cap=input.frequency_cap,
        )
        act = campaigns.create_campaign(info.context.services, identity, booking)
        return await _campaign_payload(info, act)

    @strawberry.mutation(directives=SIGNED_IN_ALONE, description="Stops a campaign until it is resumed.")
    async def pause_campaign(self, info: Info, id: CampaignIdArgument) -> CampaignPayload:
        return await _set_paused(info, id, is_paused=True)

    @strawberry.mutation(directives=SIGNED_IN_ALONE, description="Lets a paused campaign run again.")
    async def resume_campaign(self, info: Info, id: CampaignIdArgument) -> CampaignPayload:
        return await _set_paused(info, id, is_paused=False)


def present_campaign(record: CampaignRecord, tweet: TweetRecord) -> Campaign:
    return Campaign(
        id=global_id(NodeType.CAMPAIGN, record.id),
        record=record,
        tweet_record=tweet,
        bid_cents=record.bid_cents,
        budget_cents=record.budget_cents,
        spent_cents=record.spent // MILLICENTS,
        starts_at=record.starts_at,
        ends_at=record.ends_at,
        target_hashtags=list(record.hashtags),
        target_devices=list(record.devices),
        frequency_cap=record.frequency_cap,
        impressions=record.impressions,
        clicks=record.clicks,
    )


def campaign_connection(info: Info, field: str, page: Page[tuple[CampaignRecord, TweetRecord]]) -> CampaignConnection:
    edges = [
        CampaignEdge(cursor=write_cursor(info, field, edge.place), node=present_campaign(*edge.node))
        for edge in page.edges
    ]
    return CampaignConnection(edges=edges, page_info=page_info(info, field, page))


async def _set_paused(info: Info, campaign_id: str, *, is_paused: bool) -> CampaignPayload:
    identity, number = info.context.signed_in, CampaignId(decode_id(campaign_id, NodeType.CAMPAIGN))
    act = campaigns.set_paused(info.context.services, identity, number, is_paused=is_paused)
    return await _campaign_payload(info, act)


async def _campaign_payload(info: Info, act: Awaitable[tuple[CampaignRecord, TweetRecord]]) -> CampaignPayload:
    return await mutation_payload(
        info, act, lambda made: CampaignPayload(campaign=present_campaign(*made)), CampaignPayload
    )


def _day(figures: DailyFigures) -> CampaignDay:
    return CampaignDay(
        day=figures.day,
        impressions=figures.impressions,
        clicks=figures.clicks,
        spent_cents=figures.spent // MILLICENTS,
    )
