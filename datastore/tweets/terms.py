"""Search terms of a tweet, made from its record: stored with the tweet and compared in searches."""

from functools import cached_property

from core.ids import TweetId, UserId
from core.text.fold import tag_key
from core.text.terms import (
    TermRole,
    Trait,
    handle_term,
    host_term,
    lang_term,
    person_term,
    tag_term,
    text_terms,
    tokens,
)
from core.text.text import handle_key
from datastore.records.items import TweetCounts, TweetRecord


def terms_of(tweet: TweetRecord) -> list[str]:
    """Without duplicates."""
    return _terms(tweet, tokens(tweet.text))


class SearchedTweet:
    """A tweet as search conditions see it; tokens and terms are computed on first use."""

    def __init__(self, tweet: TweetRecord, counts: TweetCounts) -> None:
        self.tweet, self._counts = tweet, counts

    @property
    def id(self) -> TweetId:
        return self.tweet.id

    @property
    def author_id(self) -> UserId:
        return self.tweet.author_id

    @cached_property
    def tokens(self) -> list[str]:
        return tokens(self.tweet.text)

    @cached_property
    def terms(self) -> frozenset[str]:
        return frozenset(_terms(self.tweet, self.tokens))

    @property
    def likes(self) -> int:
        return self._counts.likes

    @property
    def retweets(self) -> int:
        return self._counts.retweets

    @property
    def engagement(self) -> int:
        """The score that replies are sorted by: likes + 2 x retweets + 3 x replies."""
        return self._counts.likes + 2 * self._counts.retweets + 3 * self._counts.replies


def _terms(tweet: TweetRecord, found: list[str]) -> list[str]:
    entities = tweet.entities
    terms = [
        *text_terms(found),
        *(tag_term(tag_key(hashtag.tag)) for hashtag in entities.hashtags),
        *(handle_term(handle_key(mention.handle)) for mention in entities.mentions),
        *(host_term(link.url) for link in entities.urls),
        person_term(TermRole.AUTHOR, tweet.author_id),
        *(person_term(TermRole.MENTIONED, user_id) for user_id in tweet.mentioned if user_id is not None),
        *_traits(tweet),
    ]
    if tweet.reply_to_author:
        terms.append(person_term(TermRole.ANSWERED, tweet.reply_to_author))
    if tweet.lang is not None:
        terms.append(lang_term(tweet.lang))
    return list(dict.fromkeys(terms))


def _traits(tweet: TweetRecord) -> list[str]:
    has = {
        Trait.LINKS: bool(tweet.entities.urls),
        Trait.MENTIONS: bool(tweet.entities.mentions),
        Trait.HASHTAGS: bool(tweet.entities.hashtags),
        Trait.MEDIA: bool(tweet.media),
        Trait.IMAGES: bool(tweet.media),
        Trait.REPLY: tweet.reply_to is not None,
        Trait.QUOTE: tweet.quoted_id is not None,
    }
    return [trait.value for trait, is_so in has.items() if is_so]
