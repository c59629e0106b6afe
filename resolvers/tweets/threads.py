"""Threads: the ancestors, replies and quotes of a tweet that the viewer may see."""

from datastore.mongo.edges import StoredEdge
from datastore.records.items import TweetRecord
from resolvers.identity import Identity
from resolvers.pages import Page, PairPage, PairPlace, check_first
from resolvers.services import Services
from resolvers.viewpoints import viewpoint_of
from resolvers.visible_pages import at_place_of, page_of_tweets, visible_tweets

_ROUNDS = 6


async def ancestors(services: Services, identity: Identity | None, tweet: TweetRecord, first: int) -> list[TweetRecord]:
    """The `first` nearest, from the farthest of them down to the parent of the tweet."""
    check_first(first)
    if tweet.reply_to is None:
        return []
    view = await viewpoint_of(services.stores.users, identity)
    found = await visible_tweets(services.stores, view, await services.stores.tweets.items.ancestor_ids(tweet.id))
    return [ancestor for ancestor in found if ancestor is not None][-first:]


async def latest_replies(
    services: Services, identity: Identity | None, tweet: TweetRecord, first: int, before: int | None
) -> Page[TweetRecord]:
    """Newest first."""

    async def acts(place: int | None, count: int) -> list[StoredEdge]:
        found = await services.stores.tweets.threads.replies(tweet.id, place, count)
        return [StoredEdge(item.id, item.id) for item in found]

    view, rule = await viewpoint_of(services.stores.users, identity), at_place_of(tweet.author_id)
    return await page_of_tweets(services.stores, view, acts, first, before, rule=rule)


async def quotes(
    services: Services, identity: Identity | None, tweet: TweetRecord, first: int, before: int | None
) -> Page[TweetRecord]:
    """Newest first."""

    async def acts(place: int | None, count: int) -> list[StoredEdge]:
        found = await services.stores.tweets.threads.quotes(tweet.id, place, count)
        return [StoredEdge(item.id, item.id) for item in found]

    view, rule = await viewpoint_of(services.stores.users, identity), at_place_of(tweet.author_id)
    return await page_of_tweets(services.stores, view, acts, first, before, rule=rule)


async def top_replies(
    services: Services, identity: Identity | None, tweet: TweetRecord, first: int, after: PairPlace | None
) -> PairPage[TweetRecord]:
    """Sorted by likes + 2 x retweets + 3 x replies, then newest. A place is a reply's score and id."""
    view, rule = await viewpoint_of(services.stores.users, identity), at_place_of(tweet.author_id)
    edges: list[tuple[PairPlace, TweetRecord]] = []
    place, wanted = after, check_first(first) + 1
    for _ in range(_ROUNDS):
        found = await services.stores.tweets.threads.top_replies(tweet.id, place, wanted)
        places = [(scored.score, int(scored.item.id)) for scored in found]
        seen = await visible_tweets(services.stores, view, [scored.item.id for scored in found], rule)
        edges += [(at, reply) for at, reply in zip(places, seen, strict=True) if reply is not None]
        place = places[-1] if places else place
        if len(edges) > first or len(found) < wanted:
            end = edges[:first][-1][0] if edges else None
            return PairPage(tuple(edges[:first]), len(edges) > first, after is not None, end)
        wanted *= 2
    return PairPage(tuple(edges[:first]), has_next=True, has_previous=after is not None, end_place=place)
