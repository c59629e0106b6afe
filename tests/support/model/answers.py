"""Answers about tweets, people and timelines as pure functions of the model's facts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.support.model.items import Item, Retweet, Tweet
from tests.support.model.model import ActTimes, Model, Pairs
from tests.support.model.text import fold, mentions, tags, words


@dataclass(frozen=True, slots=True)
class Entry:
    """An item of a timeline, its tweet, and the reason for it."""

    item: int
    tweet: int
    reason: str


@dataclass(frozen=True, slots=True)
class TweetCounts:
    likes: int
    retweets: int
    quotes: int
    replies: int


@dataclass(frozen=True, slots=True)
class UserCounts:
    followers: int
    following: int
    tweets: int


@dataclass(frozen=True, slots=True)
class Relationship:
    """The viewer's relationship to a user."""

    is_following: bool
    is_followed_by: bool
    has_requested_follow: bool
    is_blocking: bool
    is_muting: bool


def home_timeline(model: Model, viewer: str) -> list[Entry]:
    """Entries, newest first; each tweet once, as the oldest of its items that are visible."""
    return timeline(model, lambda item: home_reason(model, viewer, item))


def timeline(model: Model, reason_of: Callable[[Item], str | None]) -> list[Entry]:
    """Entries for which there is a reason, newest first; each tweet once, as its oldest item."""
    shown: dict[int, Entry] = {}
    for item in _items(model):
        reason = reason_of(item)
        if reason is not None and item.tweet not in shown:
            shown[item.tweet] = Entry(item.id, item.tweet, reason)
    return list(shown.values())[::-1]


def home_reason(model: Model, viewer: str, item: Item) -> str | None:
    """The reason for an item in the home timeline, regardless of older items of its tweet; None where it has none."""
    circle = {whom for who, whom in model.follows if who == viewer} | {viewer}
    tweet = model.tweets[item.tweet]
    if is_hidden(model, viewer, item):
        return None
    if reason := circle_reason(viewer, circle, item, tweet):
        return reason
    carries_tag = any((viewer, tag) in model.tags for tag in tags(tweet.text))
    is_found = isinstance(item, Tweet) and item.author not in circle and item.reply_to is None and carries_tag
    return "HASHTAG" if is_found else None


def is_hidden(model: Model, viewer: str | None, item: Item) -> bool:
    """Whether a timeline of others' items hides the item from the viewer, by rules or by their choice."""
    tweet = model.tweets[item.tweet]
    if not model.may_see(viewer, tweet.id):
        return True
    if not all(model.may_come_across(viewer, author) for author in (tweet.author, item.author)):
        return True
    if viewer is None:
        return False
    is_unwelcome = any(_is_unwelcome(model, viewer, person) for person in (item.author, tweet.author))
    return is_unwelcome or _has_muted_words(model, viewer, tweet)


def circle_reason(viewer: str | None, circle: set[str], item: Item, tweet: Tweet) -> str | None:
    """The reason for an item by somebody in the circle: a reply answers somebody in it."""
    if item.author in circle and (isinstance(item, Retweet) or tweet.reply_to_author in {None, *circle}):
        return "SELF" if item.author == viewer else "FOLLOWING"
    return None


def user_timeline(model: Model, viewer: str | None, user: str, *, with_replies: bool) -> list[Entry]:
    if not model.may_see_posts(viewer, user):
        return []
    items = [item for item in _items(model) if item.author == user and _is_seen_at(model, viewer, user, item.tweet)]
    wanted = [item for item in items if with_replies or not _answers_another(item)]
    return [Entry(item.id, item.tweet, "PROFILE") for item in wanted][::-1]


def likes(model: Model, viewer: str | None, user: str) -> list[int]:
    liked = _newest_first(model.likes, user)
    if viewer == user:
        return _seen(model, viewer, liked)
    return _seen_at(model, viewer, user, liked) if model.may_see_posts(viewer, user) else []


def bookmarks(model: Model, viewer: str) -> list[int]:
    return _seen(model, viewer, _newest_first(model.bookmarks, viewer))


def followers(model: Model, viewer: str | None, user: str) -> list[str]:
    found = _newest_who(model.follows, user) if model.may_see_posts(viewer, user) else []
    return _acting(model, viewer, user, found)


def following(model: Model, viewer: str | None, user: str) -> list[str]:
    return _newest_whom(model.follows, user) if model.may_see_posts(viewer, user) else []


def followers_you_know(model: Model, viewer: str, user: str) -> list[str]:
    return [person for person in followers(model, viewer, user) if (viewer, person) in model.follows]


def blocked(model: Model, viewer: str) -> list[str]:
    return _newest_whom(model.blocks, viewer)


def muted(model: Model, viewer: str) -> list[str]:
    return _newest_whom(model.mutes, viewer)


def follow_requests(model: Model, viewer: str) -> list[str]:
    return _newest_who(model.requests, viewer)


def replies(model: Model, viewer: str | None, tweet: int, *, top: bool) -> list[int]:
    found = [reply.id for reply in model.tweets.values() if reply.reply_to == tweet]
    in_order = sorted(found, key=lambda reply: (top and _engagement(model, reply), reply), reverse=True)
    return _seen_at(model, viewer, model.tweets[tweet].author, in_order)


def quotes(model: Model, viewer: str | None, tweet: int) -> list[int]:
    found = [quote.id for quote in model.tweets.values() if quote.quoted == tweet]
    return _seen_at(model, viewer, model.tweets[tweet].author, sorted(found, reverse=True))


def ancestors(model: Model, viewer: str | None, tweet: int) -> list[int]:
    return _seen(model, viewer, model.tweets[tweet].ancestors)


def liked_by(model: Model, viewer: str | None, tweet: int) -> list[str]:
    return _acting(model, viewer, model.tweets[tweet].author, _likers(model, tweet))


def retweeted_by(model: Model, viewer: str | None, tweet: int) -> list[str]:
    return _acting(model, viewer, model.tweets[tweet].author, _retweeters(model, tweet))


def may_see_retweet(model: Model, viewer: str | None, retweet: Retweet) -> bool:
    return model.may_see(viewer, retweet.tweet) and model.may_see_posts(viewer, retweet.author)


def counts(model: Model, tweet: int) -> TweetCounts:
    """Counts, the same for every viewer."""
    tweets = _standing(model)
    return TweetCounts(
        likes=len(_likers(model, tweet)),
        retweets=len(_retweeters(model, tweet)),
        quotes=sum(other.quoted == tweet for other in tweets),
        replies=sum(other.reply_to == tweet for other in tweets),
    )


def user_counts(model: Model, user: str) -> UserCounts:
    return UserCounts(
        followers=sum(whom == user for _, whom in model.follows),
        following=sum(who == user for who, _ in model.follows),
        tweets=sum(tweet.author == user for tweet in _standing(model)),
    )


def relationship(model: Model, viewer: str, user: str) -> Relationship:
    return Relationship(
        is_following=(viewer, user) in model.follows,
        is_followed_by=(user, viewer) in model.follows,
        has_requested_follow=(viewer, user) in model.requests,
        is_blocking=(viewer, user) in model.blocks,
        is_muting=(viewer, user) in model.mutes,
    )


def who_to_follow(model: Model, viewer: str) -> dict[str, int]:
    """Proposed people with their number of mutual follows."""
    friends = {whom for who, whom in model.follows if who == viewer}
    found = {
        person: sum((friend, person) in model.follows for friend in friends)
        for person in model.people - friends - {viewer}
        if model.may_see_posts(viewer, person)
        and person not in model.limited
        and not _is_unwelcome(model, viewer, person)
        and (viewer, person) not in model.requests
    }
    return {person: mutual for person, mutual in found.items() if mutual}


def may_be_proposed(model: Model, viewer: str, person: str) -> bool:
    """Whether the person, who has no follower whom the viewer follows, may be proposed; strangers to the model may."""
    if person == viewer or person in model.protected or _is_unwelcome(model, viewer, person):
        return False
    return (viewer, person) not in model.follows and (viewer, person) not in model.requests


def matches(entry: str, text: str) -> bool:
    """Whether the text has the muted #hashtag, @mention, or sequence of words."""
    match entry[0]:
        case "#":
            return fold(entry[1:]) in tags(text)
        case "@":
            return entry[1:].lower() in mentions(text)
        case _:
            return f" {' '.join(words(entry))} " in f" {' '.join(words(text))} "


def _standing(model: Model) -> list[Tweet]:
    """Tweets that count: all but removed ones."""
    return [tweet for tweet in model.tweets.values() if tweet.id not in model.removed]


def _items(model: Model) -> list[Item]:
    """All items, oldest first."""
    return sorted([*model.tweets.values(), *model.retweets.values()], key=lambda item: item.id)


def _is_unwelcome(model: Model, viewer: str, person: str) -> bool:
    return person != viewer and (model.is_blocked(viewer, person) or (viewer, person) in model.mutes)


def _has_muted_words(model: Model, viewer: str, tweet: Tweet) -> bool:
    entries = model.muted_words.get(viewer, ())
    return tweet.author != viewer and any(matches(entry, tweet.text) for entry in entries)


def _answers_another(item: Item) -> bool:
    return isinstance(item, Tweet) and item.reply_to_author not in {None, item.author}


def _acting(model: Model, viewer: str | None, owner: str, people: Iterable[str]) -> list[str]:
    """The people whose act the viewer may see; all of them in the owner's own list."""
    return [person for person in people if viewer == owner or model.may_see_posts(viewer, person)]


def _seen(model: Model, viewer: str | None, found: Iterable[int]) -> list[int]:
    return [tweet for tweet in found if model.may_see(viewer, tweet)]


def _seen_at(model: Model, viewer: str | None, owner: str, found: Iterable[int]) -> list[int]:
    return [tweet for tweet in found if _is_seen_at(model, viewer, owner, tweet)]


def _is_seen_at(model: Model, viewer: str | None, owner: str, tweet: int) -> bool:
    """Whether the viewer sees the tweet at a place of the owner's, where they come across what others wrote."""
    if not model.may_see(viewer, tweet):
        return False
    author = model.tweets[tweet].author
    return author == owner or model.may_come_across(viewer, author)


def _likers(model: Model, tweet: int) -> list[str]:
    return _newest({number: who for (who, liked), number in model.likes.items() if liked == tweet})


def _retweeters(model: Model, tweet: int) -> list[str]:
    return _newest({item.id: item.author for item in model.retweets.values() if item.tweet == tweet})


def _engagement(model: Model, tweet: int) -> int:
    found = counts(model, tweet)
    return found.likes + 2 * found.retweets + 3 * found.replies


def _newest_first(acts: ActTimes, user: str) -> list[int]:
    tweets = {number: tweet for (who, tweet), number in acts.items() if who == user}
    return [tweets[number] for number in sorted(tweets, reverse=True)]


def _newest_whom(pairs: Pairs, user: str) -> list[str]:
    return _newest({number: whom for (who, whom), number in pairs.items() if who == user})


def _newest_who(pairs: Pairs, user: str) -> list[str]:
    return _newest({number: who for (who, whom), number in pairs.items() if whom == user})


def _newest(acts: dict[int, str]) -> list[str]:
    return [acts[number] for number in sorted(acts, reverse=True)]
