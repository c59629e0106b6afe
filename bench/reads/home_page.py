"""A warm home timeline page of the person who follows most in a social network."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from bench.data.network import social_network
from bench.deployment.stack import running_stack
from bench.harness.client import Client, connected, sign_in
from bench.harness.cpu import in_ms
from bench.harness.figures import Figure, percentile
from bench.harness.home_page import PAGE, read_page
from bench.harness.store_calls import CallCounts
from bench.harness.waiting import until
from bench.reads.page_costs import Costs, acting_as, costs_of_page
from core.ids import TweetId, UserId
from datastore.stores import Stores, open_stores
from resolvers.services import Services, open_services
from resolvers.tweets.likes import like
from resolvers.tweets.retweets import retweet

LIKES = 5
RETWEETS = 5
GOAL_ROUNDS = 3
_PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class Reader:
    user_id: UserId
    handle: str
    followees: frozenset[UserId]


async def run() -> list[Figure]:
    with social_network() as network:
        async with running_stack() as stack:
            print(f"home_page: importing {network.title}", flush=True)
            files = ("--graph", str(network.graph), "--undirected", "--tweets", str(network.tweets))
            await stack.run("-m", "datastore", "import", *files, "--password", _PASSWORD)
            async with (
                open_stores(stack.settings) as stores,
                open_services(stores, stack.settings) as services,
                connected(stack.url) as http,
            ):
                reader = await _most_followees(stores)
                client = await sign_in(http, reader.handle, _PASSWORD)
                await _like_some(services, reader, client)
                plain = await costs_of_page(stores, stack.settings, client, reader.user_id)
                await _have_retweeted(services, reader, client)
                mixed = await costs_of_page(stores, stack.settings, client, reader.user_id)
    who = f"reader follows {len(reader.followees)}, {network.title}"
    return [*_figures(f"page of {PAGE} tweets ({who})", plain), *_figures(f"{RETWEETS} of {PAGE} retweets", mixed)]


async def _most_followees(stores: Stores) -> Reader:
    people = [user_id async for user_id in _everybody(stores)]
    counts = await stores.users.counts.get_many(people)
    user_id = max(zip(counts, people, strict=True), key=lambda entry: entry[0].following)[1]
    profile, view = await stores.users.accounts.get(user_id), await stores.users.viewpoints.get(user_id)
    assert profile is not None
    return Reader(user_id, profile.handle, view.followees)


async def _everybody(stores: Stores) -> AsyncIterator[UserId]:
    async for page in stores.users.accounts.id_pages(1_000):
        for user_id in page:
            yield user_id


async def _like_some(services: Services, reader: Reader, client: Client) -> None:
    wanted = (await read_page(client)).items[1 : LIKES + 1]
    for tweet_id in wanted:
        await like(services, acting_as(reader.user_id), TweetId(tweet_id))
    page = await read_page(client)
    assert page.state == "READY", page
    assert len(page.items) == PAGE, page
    assert page.liked == wanted, page


async def _have_retweeted(services: Services, reader: Reader, client: Client) -> None:
    """Followees of the reader retweet tweets of people whom the reader does not follow."""
    before = (await read_page(client)).items
    strangers = _tweets_by_strangers(services.stores, reader)
    for friend in sorted(reader.followees)[:RETWEETS]:
        await retweet(services, acting_as(friend), await anext(strangers))

    async def are_shown() -> bool:
        return (await read_page(client)).items[RETWEETS:] == before[:-RETWEETS]

    await until(are_shown)


async def _tweets_by_strangers(stores: Stores, reader: Reader) -> AsyncIterator[TweetId]:
    async for user_id in _everybody(stores):
        if user_id not in reader.followees and user_id != reader.user_id:
            for tweet in await stores.tweets.items.by_author(user_id, None, 1, with_replies=True):
                yield tweet.id


def _figures(what: str, costs: Costs) -> list[Figure]:
    rounds = costs.rounds
    return [
        Figure("home_page", f"{what}, p50", f"{percentile(costs.ms, 50):.1f} ms"),
        Figure("home_page", "  p99", f"{percentile(costs.ms, 99):.1f} ms"),
        Figure("home_page", "  processor time of API, workers and stores", in_ms(costs.cpu)),
        Figure("home_page", "  commands to Redis", _counted(costs.commands)),
        Figure("home_page", "  rounds to Redis to make the page", _rounds(rounds.page), f"<= {GOAL_ROUNDS}"),
        Figure("home_page", "  rounds to Redis to check the token", _rounds(rounds.token)),
        Figure("home_page", "  rounds to Redis for the whole operation, its token left out", _rounds(rounds.operation)),
        Figure("home_page", "  queries to MongoDB", _counted(costs.queries), "none"),
        Figure("home_page", "  queries to MongoDB once the counts have run out", _counted(costs.uncounted)),
    ]


def _counted(asked: CallCounts) -> str:
    return f"{asked} (in {asked.share:.0%} of pages)"


def _rounds(asked: CallCounts) -> str:
    return f"{asked.total} (in {asked.share:.0%} of pages)"
