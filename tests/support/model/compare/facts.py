"""Compares tweets, retweets and people of the API with the model: visibility, counts, marks, relationships."""

from typing import Any

from tests.support.model import answers
from tests.support.model.play import marks_of, relationship_of
from tests.support.model.stage import BIO, Stage
from tests.support.people import Person

_AT_ONCE = 50
_TWEETS = """query Tweets($ids: [ID!]!) { nodes(ids: $ids) { ... on Tweet {
  id isReply conversationId author { handle } inReplyTo { id } quoted { id }
  likeCount retweetCount quoteCount replyCount
  viewerHasLiked viewerHasRetweeted viewerHasBookmarked viewerHasMutedConversation isRemoved
  text replyAudience viewerCanReply isPinned revisions(first: 10) { edges { node { text } } } } } }"""
_PEOPLE = """query People($ids: [ID!]!) { nodes(ids: $ids) { ... on User {
  handle bio avatarUrl isProtected pinnedTweet { id } followerCount followingCount tweetCount
  relationship { isFollowing isFollowedBy hasRequestedFollow isBlocking isMuting } } } }"""
_OWN = """query Own { viewer { user { handle }
  mutedWords homeReadCursor followedHashtags { name viewerIsFollowing } whoToFollow(first: 100) { handle } } }"""
_OWN_RETWEETS = """query Retweets($handle: String!) { user(handle: $handle) {
  tweets(first: 100, include: TWEETS_AND_REPLIES) { edges { node { ... on Retweet { id tweet { id } } } } } } }"""
_RETWEETS = "query Seen($ids: [ID!]!) { nodes(ids: $ids) { ... on Retweet { tweet { id } user { handle } } } }"
_ANCESTORS = "query Ancestors($id: ID!) { tweet(id: $id) { ancestors(first: 100) { id } } }"


async def compare_tweets(stage: Stage, viewer: Person | None) -> None:
    """Compares all tweets, deleted ones too; without a viewer as anonymous."""
    numbers = sorted(stage.tweet_ids)
    who = None if viewer is None else viewer.handle
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        ids = {"ids": [stage.tweet_ids[number] for number in some]}
        answer = await stage.service.ask(_TWEETS, ids, None if viewer is None else viewer.token)
        for number, found in zip(some, answer["data"]["nodes"], strict=True):
            stage.agree(f"tweet {number} for {who}", found, _tweet(stage, who, number))


async def compare_people(stage: Stage, viewer: Person | None) -> None:
    """Compares all people, deleted ones too; without a viewer as anonymous."""
    ids, who = {"ids": [person.id for person in stage.people]}, None if viewer is None else viewer.handle
    answer = await stage.service.ask(_PEOPLE, ids, None if viewer is None else viewer.token)
    for person, user in zip(stage.people, answer["data"]["nodes"], strict=True):
        stage.agree(f"{person.handle} for {who}", user, _user(stage, who, person.handle))


async def compare_retweets(stage: Stage, retweeter: Person, viewer: Person | None) -> None:
    """Compares the newest retweets that the retweeter sees of their own, by their ids, as the viewer sees them."""
    own = (await retweeter.ask(_OWN_RETWEETS, handle=retweeter.handle))["user"]["tweets"]["edges"]
    ids = {edge["node"]["id"]: stage.tweet_number(edge["node"]["tweet"]["id"]) for edge in own if edge["node"]}
    answer = await stage.service.ask(_RETWEETS, {"ids": list(ids)}, None if viewer is None else viewer.token)
    who = None if viewer is None else viewer.handle
    for tweet, found in zip(ids.values(), answer["data"]["nodes"], strict=True):
        retweet = stage.shown.retweet_by(retweeter.handle, tweet)
        seen = {"tweet": {"id": stage.tweet_ids[tweet]}, "user": {"handle": retweeter.handle}}
        is_seen = retweet is not None and answers.may_see_retweet(stage.shown, who, retweet)
        stage.agree(f"retweet of {tweet} by {retweeter.handle} for {who}", found, seen if is_seen else None)


async def compare_ancestors(stage: Stage, viewer: Person, around: int) -> None:
    seen = [tweet for tweet in stage.shown.tweets.values() if stage.shown.may_see(viewer.handle, tweet.id)]
    deep = [tweet.id for tweet in seen if tweet.ancestors]
    if deep:
        tweet = deep[around % len(deep)]
        found = (await viewer.ask(_ANCESTORS, id=stage.tweet_ids[tweet]))["tweet"]["ancestors"]
        numbers = [stage.tweet_number(ancestor["id"]) for ancestor in found]
        expected = answers.ancestors(stage.shown, viewer.handle, tweet)
        stage.agree(f"ancestors of {tweet} for {viewer.handle}", numbers, expected)


async def compare_own(stage: Stage, viewer: Person) -> None:
    model, handle = stage.shown, viewer.handle
    own = (await viewer.ask(_OWN))["viewer"]
    read = stage.read.get(handle)
    stage.agree(f"words muted by {handle}", own["mutedWords"], list(model.muted_words.get(handle, ())))
    stage.agree(f"read by {handle}", own["homeReadCursor"], None if read is None else stage.cursors[handle, read])
    tags = sorted(tag for follower, tag in model.tags if follower == handle)
    followed = sorted((tag["name"], tag["viewerIsFollowing"]) for tag in own["followedHashtags"])
    stage.agree(f"hashtags of {handle}", followed, [(tag, True) for tag in tags])
    mutuals = answers.who_to_follow(model, handle)
    proposed = [person["handle"] for person in own["whoToFollow"]]
    friends, others = proposed[: len(mutuals)], proposed[len(mutuals) :]
    stage.agree(f"friends of friends proposed to {handle}", sorted(friends), sorted(mutuals))
    unwelcome = [person for person in others if not answers.may_be_proposed(model, handle, person)]
    stage.agree(f"people wrongly proposed to {handle}", unwelcome, [])
    by_mutuals = [mutuals[person] for person in friends]
    stage.agree(f"mutual follows of those proposed to {handle}", by_mutuals, sorted(by_mutuals, reverse=True))


async def compare_gone(stage: Stage) -> None:
    """Deleted and suspended accounts are unknown, and their tokens invalid."""
    for person in stage.people:
        if person.handle not in stage.shown.people:
            answer = await stage.service.ask(
                f'{{ viewer {{ user {{ id }} }} user(handle: "{person.handle}") {{ id }} }}', token=person.token
            )
            stage.agree(f"{person.handle}, who is gone", answer, {"data": {"viewer": None, "user": None}})


def _tweet(stage: Stage, viewer: str | None, number: int) -> dict[str, Any] | None:
    model = stage.shown
    if not model.may_see(viewer, number):
        return None
    tweet, counts = model.tweets[number], answers.counts(model, number)
    marks = marks_of(model, viewer or "", number)
    return {
        "id": stage.tweet_ids[number],
        "isReply": tweet.reply_to is not None,
        "conversationId": stage.tweet_ids[tweet.conversation],
        "author": {"handle": tweet.author},
        "inReplyTo": _named(stage, viewer, tweet.reply_to),
        "quoted": _named(stage, viewer, tweet.quoted),
        "likeCount": counts.likes,
        "retweetCount": counts.retweets,
        "quoteCount": counts.quotes,
        "replyCount": counts.replies,
        "text": tweet.text,
        "revisions": {"edges": [{"node": {"text": text}} for _, text in tweet.edits[::-1]]},
        "replyAudience": tweet.audience,
        "viewerCanReply": model.may_reply(viewer, number),
        "isPinned": model.pinned.get(tweet.author) == number,
        **marks,
        "isRemoved": number in model.removed,
    }


def _named(stage: Stage, viewer: str | None, tweet: int | None) -> dict[str, str] | None:
    return {"id": stage.tweet_ids[tweet]} if tweet is not None and stage.shown.may_see(viewer, tweet) else None


def _user(stage: Stage, viewer: str | None, user: str) -> dict[str, Any] | None:
    model = stage.shown
    if user not in model.people:
        return None
    counts = answers.user_counts(model, user)
    is_shut_out = viewer is not None and (user, viewer) in model.blocks
    return {
        "handle": user,
        "bio": BIO if model.may_see_posts(viewer, user) else None,
        "avatarUrl": None if is_shut_out else stage.avatars[user],
        "isProtected": user in model.protected,
        "pinnedTweet": _named(stage, viewer, model.pinned.get(user)),
        "followerCount": counts.followers,
        "followingCount": counts.following,
        "tweetCount": counts.tweets,
        "relationship": None if viewer is None else relationship_of(model, viewer, user),
    }
