"""Campaigns through the public API. Test modules with campaigns use their own database, so that no others see them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.people import Person

HOUR = timedelta(hours=1)
CREATE = """mutation Create($input: CreateCampaignInput!) { createCampaign(input: $input) {
  campaign { id } userErrors { code field message } } }"""
CAMPAIGN = """query Campaign($id: ID!) { node(id: $id) { ... on Campaign {
  id status bidCents budgetCents spentCents startsAt endsAt targetHashtags targetDevices frequencyCap
  impressions clicks tweet { text } days { impressions clicks spentCents } } } }"""
RECORD = """mutation Record($tokens: [String!]!) { recordImpressions(tokens: $tokens) {
  recorded userErrors { code field message } } }"""
CLICK = (
    "mutation Click($token: String!) { recordAdClick(token: $token) { recorded userErrors { code field message } } }"
)
PAUSE = "mutation Pause($id: ID!) { pauseCampaign(id: $id) { campaign { id status } userErrors { code field } } }"
RESUME = "mutation Resume($id: ID!) { resumeCampaign(id: $id) { campaign { id status } userErrors { code field } } }"
HOME = """query Home($first: Int!, $after: String, $before: String, $mode: TimelineMode!, $device: DeviceInput) {
  homeTimeline(first: $first, after: $after, before: $before, mode: $mode, device: $device) {
    edges { cursor reason node { __typename ... on Tweet { id text }
      ... on PromotedTweet { id impressionToken advertiser { handle } tweet { id text likeCount viewerHasLiked } } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def booking(tweet: str, **more: Any) -> dict[str, Any]:
    """Input of a campaign of two days, with a cent per impression and a budget of a hundred dollars."""
    now = datetime.now(UTC)
    times = {"startsAt": instant(now - HOUR), "endsAt": instant(now + 47 * HOUR)}
    return {"tweet": tweet, "bidCents": 1_000, "budgetCents": 10_000, **times, **more}


async def advertise(advertiser: Person, text: str, **more: Any) -> str:
    """Posts a tweet and returns the id of a new campaign for it."""
    campaign = await advertiser.act(CREATE, input=booking(await advertiser.post(text), **more))
    campaign_id: str = campaign["campaign"]["id"]
    return campaign_id


async def figures(advertiser: Person, campaign: str) -> dict[str, Any]:
    found: dict[str, Any] = (await advertiser.ask(CAMPAIGN, id=campaign))["node"]
    return found


async def page(reader: Person, first: int = 100, **more: Any) -> dict[str, Any]:
    asked = {"after": None, "before": None, "mode": "LATEST", "device": None, **more}
    connection: dict[str, Any] = (await reader.ask(HOME, first=first, **asked))["homeTimeline"]
    return connection


async def pages_down(reader: Person, first: int, **more: Any) -> list[dict[str, Any]]:
    """All edges, newest first, read page by page."""
    edges: list[dict[str, Any]] = []
    after = None
    while True:
        one = await page(reader, first, after=after, **more)
        edges += one["edges"]
        after = one["pageInfo"]["endCursor"]
        if not one["pageInfo"]["hasNextPage"]:
            return edges


def is_ad(edge: dict[str, Any]) -> bool:
    return bool(edge["node"]["__typename"] == "PromotedTweet")


def shape(edges: list[dict[str, Any]]) -> str:
    """A letter per edge: o for an organic item, A for an advertisement."""
    return "".join("A" if is_ad(edge) else "o" for edge in edges)


def organic_texts(edges: list[dict[str, Any]]) -> list[str]:
    return [edge["node"]["text"] for edge in edges if not is_ad(edge)]


def ad_texts(edges: list[dict[str, Any]]) -> list[str]:
    return [edge["node"]["tweet"]["text"] for edge in edges if is_ad(edge)]


def tokens(edges: list[dict[str, Any]]) -> list[str]:
    return [edge["node"]["impressionToken"] for edge in edges if is_ad(edge)]


async def recorded(reader: Person, *given: str) -> int:
    """Records impressions and returns how many were counted."""
    number: int = (await reader.act(RECORD, tokens=list(given)))["recorded"]
    return number


async def clicked(reader: Person, token: str) -> int:
    number: int = (await reader.act(CLICK, token=token))["recorded"]
    return number
