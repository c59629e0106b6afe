"""Resolves an act of a story against the current state: the mutation for the API and the call of the model."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.model.acts import NUMBERS, Act, Kind, Step
from tests.support.model.model import Model, Outcome
from tests.support.model.stage import Stage
from tests.support.people import PASSWORD, Person


@dataclass(frozen=True, slots=True)
class Plan:
    """`variables` are the mutation's; `expect` applies the act to the model. `about` is the tweet, `whom` the user.

    `decided` is the tweet that a moderator's decision is about.
    """

    kind: Kind
    who: Person
    line: str
    variables: dict[str, Any]
    expect: Callable[[], Outcome]
    about: int | None = None
    whom: str | None = None
    decided: int | None = None


_POSTS, _EQUAL = 8, 7
_AUDIENCES = {7: "FOLLOWING", 8: "FOLLOWERS", 9: "MENTIONED"}


def has_equal_words(act: Act) -> bool:
    """Whether it is a post that mentions somebody with the same words as others do."""
    return act.kind is Kind.POST and act.how % _POSTS == _EQUAL


def plan_of(stage: Stage, act: Act) -> Plan | None:
    """None where the act has no object."""
    return _PLANS.get(Kind(act.kind), _on_person)(stage, act)


def who_acts(stage: Stage, act: Act) -> Person:
    active = stage.active()
    return active[act.who * len(active) // NUMBERS]


def _posting(stage: Stage, act: Act) -> Plan:
    who, kind = who_acts(stage, act), act.how % _POSTS
    number = stage.model.now + 1
    text = " ".join([f"tweet {number}", *_words(stage, act)])
    if has_equal_words(act):
        text = f"equal words for @{stage.people[_early(act.whom, len(stage.people))].handle}"
    answered = _some_tweet(stage, act.which) if kind in {1, 2, 3} else None
    quoted = _some_tweet(stage, act.whom) if kind in {3, 4} else None
    audience = _AUDIENCES.get(act.whom % 10, "EVERYONE") if quoted is None else "EVERYONE"
    named = {"inReplyTo": answered, "quoted": quoted}
    wanted = {"text": text, "idempotencyKey": f"{stage.number}.{number}"} | {
        name: stage.tweet_ids[tweet] for name, tweet in named.items() if tweet is not None
    }
    wanted |= {"replyAudience": audience} if audience != "EVERYONE" else {}
    line = f"{who.handle} posts {text!r}"
    line += "" if audience == "EVERYONE" else f" for answers by {audience}"
    line += "" if answered is None else f" in reply to {answered}"
    line += "" if quoted is None else f" quoting {quoted}"

    def expect() -> Outcome:
        return stage.model.post(who.handle, text, reply_to=answered, quoted=quoted, audience=audience)

    return Plan(Kind.POST, who, line, {"input": wanted}, expect)


def _editing(stage: Stage, act: Act) -> Plan | None:
    """Mostly of a tweet of one's own; sometimes to the text that it has."""
    who, tweet = who_acts(stage, act), _some_tweet(stage, act.which)
    if found := _done(stage.model, act):
        who, tweet = stage.person(found[0]), int(found[1])
    if tweet is None:
        return None
    text = " ".join([f"version {act.whom % 7}", *_words(stage, act)])
    wanted = {"id": stage.tweet_ids[tweet], "text": text}
    line = f"{who.handle} edits {tweet} to {text!r}"
    return Plan(Kind.EDIT, who, line, {"input": wanted}, lambda: stage.model.edit(who.handle, tweet, text), tweet)


def _pinning(stage: Stage, act: Act) -> Plan | None:
    who, tweet = who_acts(stage, act), _some_tweet(stage, act.which)
    if found := _done(stage.model, act):
        who, tweet = stage.person(found[0]), int(found[1])
    if tweet is None:
        return None
    line = f"{who.handle} pins tweet {tweet}"
    return Plan(Kind.PIN, who, line, {"id": stage.tweet_ids[tweet]}, lambda: stage.model.pin(who.handle, tweet))


def _unpinning(stage: Stage, act: Act) -> Plan:
    who = who_acts(stage, act)
    return Plan(Kind.UNPIN, who, f"{who.handle} unpins", {}, lambda: stage.model.unpin(who.handle))


def _on_tweet(stage: Stage, act: Act) -> Plan | None:
    who, tweet = who_acts(stage, act), _some_tweet(stage, act.which)
    if found := _done(stage.model, act):
        who, tweet = stage.person(found[0]), int(found[1])
    if tweet is None:
        return None
    on_model: Callable[[str, int], Outcome] = {
        Kind.DELETE: stage.model.delete,
        Kind.RETWEET: stage.model.retweet,
        Kind.UNRETWEET: stage.model.unretweet,
        Kind.LIKE: stage.model.like,
        Kind.UNLIKE: stage.model.unlike,
        Kind.BOOKMARK: stage.model.bookmark,
        Kind.UNBOOKMARK: stage.model.unbookmark,
        Kind.MUTE_CONVERSATION: stage.model.mute_conversation,
        Kind.UNMUTE_CONVERSATION: stage.model.unmute_conversation,
    }[Kind(act.kind)]
    line = f"{who.handle} says {act.kind} of tweet {tweet}"
    about = None if act.kind is Kind.DELETE else tweet
    return Plan(Kind(act.kind), who, line, {"id": stage.tweet_ids[tweet]}, lambda: on_model(who.handle, tweet), about)


def _on_person(stage: Stage, act: Act) -> Plan:
    who, whom = who_acts(stage, act), stage.people[_early(act.whom, len(stage.people))]
    if found := _done(stage.model, act):
        who, whom = stage.person(found[0]), stage.person(str(found[1]))
    on_model: Callable[[str, str], Outcome] = {
        Kind.FOLLOW: stage.model.follow,
        Kind.UNFOLLOW: stage.model.unfollow,
        Kind.REMOVE_FOLLOWER: stage.model.remove_follower,
        Kind.ACCEPT: stage.model.accept_follow_request,
        Kind.REJECT: stage.model.reject_follow_request,
        Kind.BLOCK: stage.model.block,
        Kind.UNBLOCK: stage.model.unblock,
        Kind.MUTE: stage.model.mute,
        Kind.UNMUTE: stage.model.unmute,
    }[Kind(act.kind)]
    line = f"{who.handle} says {act.kind} of {whom.handle}"
    return Plan(Kind(act.kind), who, line, {"id": whom.id}, lambda: on_model(who.handle, whom.handle), whom=whom.handle)


def _muting_words(stage: Stage, act: Act) -> Plan:
    who, entries = who_acts(stage, act), [entry.upper() for entry in _words(stage, act)]
    line = f"{who.handle} mutes the words {entries}"
    return Plan(
        Kind.MUTE_WORDS, who, line, {"words": entries}, lambda: stage.model.set_muted_words(who.handle, entries)
    )


def _on_tag(stage: Stage, act: Act) -> Plan:
    who, tag = who_acts(stage, act), f"{('chess', 'cafe')[act.whom % 2]}{stage.number}"
    if found := _done(stage.model, act):
        who, tag = stage.person(found[0]), str(found[1])
    on_model = stage.model.follow_hashtag if act.kind is Kind.FOLLOW_TAG else stage.model.unfollow_hashtag
    line = f"{who.handle} says {act.kind} of {tag}"
    return Plan(Kind(act.kind), who, line, {"name": tag}, lambda: on_model(who.handle, tag))


def _protecting(stage: Stage, act: Act) -> Plan:
    who = who_acts(stage, act)
    is_protected = who.handle not in stage.model.protected or act.how % 4 == 3
    on_model = stage.model.protect if is_protected else stage.model.go_public
    line = f"{who.handle} goes {'protected' if is_protected else 'public'}"
    return Plan(Kind.PROTECT, who, line, {"input": {"isProtected": is_protected}}, lambda: on_model(who.handle))


def _reading(stage: Stage, act: Act) -> Plan | None:
    who = who_acts(stage, act)
    seen = [item for handle, item in stage.cursors if handle == who.handle]
    if not seen:
        return None
    item = seen[act.which % len(seen)]

    def expect() -> Outcome:
        stage.read[who.handle] = max(item, stage.read.get(who.handle, 0))
        return None

    line = f"{who.handle} has read home up to item {item}"
    return Plan(Kind.READ, who, line, {"cursor": stage.cursors[who.handle, item]}, expect)


def _leaving(stage: Stage, act: Act) -> Plan | None:
    who = who_acts(stage, act)
    if len(stage.active()) <= 2:
        return None
    line = f"{who.handle} deletes their account"
    return Plan(Kind.LEAVE, who, line, {"password": PASSWORD}, lambda: stage.model.delete_account(who.handle))


def _removing(stage: Stage, act: Act) -> Plan | None:
    tweet = _some_tweet(stage, act.which)
    if tweet is None:
        return None
    wanted = {"subject": stage.tweet_ids[tweet], "action": "REMOVE", "reason": "SPAM"}
    line = f"a moderator removes tweet {tweet}"
    return Plan(Kind.REMOVE, stage.moderator, line, {"input": wanted}, lambda: stage.model.remove(tweet), decided=tweet)


def _restoring(stage: Stage, act: Act) -> Plan | None:
    removed = sorted(stage.model.removed)
    if not removed:
        return None
    tweet = removed[act.which % len(removed)]
    line = f"a moderator restores tweet {tweet}"
    ids = {"id": stage.decision_ids[tweet]}
    return Plan(Kind.RESTORE, stage.moderator, line, ids, lambda: stage.model.restore(tweet))


def _reporting(stage: Stage, act: Act) -> Plan | None:
    """Reports a tweet or a person, sometimes what may not be seen, or oneself."""
    who, tweet = who_acts(stage, act), _some_tweet(stage, act.which)
    if act.how % 2 and tweet is not None:
        subject, line = stage.tweet_ids[tweet], f"{who.handle} reports tweet {tweet}"

        outcome = stage.model.report_of_tweet(who.handle, tweet)
    else:
        whom = stage.people[_early(act.whom, len(stage.people))]
        subject, line = whom.id, f"{who.handle} reports {whom.handle}"
        outcome = stage.model.report_of_person(who.handle, whom.handle)
    return Plan(Kind.REPORT, who, line, {"input": {"subject": subject, "reason": "SPAM"}}, lambda: outcome)


def _done(model: Model, act: Act) -> tuple[str, int | str] | None:
    """For undoing acts, mostly an act to undo with its actor; None for other acts."""
    found: dict[Kind | Step, list[tuple[str, int | str]]] = {
        Kind.EDIT: [(tweet.author, tweet.id) for tweet in model.tweets.values()],
        Kind.DELETE: [(tweet.author, tweet.id) for tweet in model.tweets.values()],
        Kind.UNRETWEET: [(retweet.author, retweet.tweet) for retweet in model.retweets.values()],
        Kind.UNLIKE: [*model.likes],
        Kind.UNBOOKMARK: [*model.bookmarks],
        Kind.UNMUTE_CONVERSATION: sorted(mute for mute in model.muted_conversations if mute[0] in model.people),
        Kind.UNFOLLOW: [*model.follows, *model.requests],
        Kind.REMOVE_FOLLOWER: [(whom, who) for who, whom in model.follows],
        Kind.PIN: [(tweet.author, tweet.id) for tweet in model.tweets.values()],
        Kind.ACCEPT: [(asked, asker) for asker, asked in model.requests],
        Kind.REJECT: [(asked, asker) for asker, asked in model.requests],
        Kind.UNBLOCK: [*model.blocks],
        Kind.UNMUTE: [*model.mutes],
        Kind.UNFOLLOW_TAG: sorted(model.tags),
    }
    done = [one for one in found.get(act.kind, []) if model.is_there(one[0])]
    return done[act.which % len(done)] if done and act.how % 4 else None


def _words(stage: Stage, act: Act) -> list[str]:
    """The words of this stage that the act's bits choose."""
    other = stage.people[act.whom % len(stage.people)].handle
    known = ["rook", "dark", "horse", "Café", f"#Chess{stage.number}", f"#Café{stage.number}", f"@{other}"]
    bits = act.how >> 3 | (act.which % 2) << 6
    return [word for place, word in enumerate(known) if bits >> place & 1]


def _some_tweet(stage: Stage, number: int) -> int | None:
    """A tweet, more often a new one; deleted ones too."""
    newest_first = sorted(stage.tweet_ids, reverse=True)
    return newest_first[_early(number, len(newest_first))] if newest_first else None


def _early(number: int, length: int) -> int:
    """An index into a list, more often a low one."""
    return number * number // NUMBERS * length // NUMBERS


_PLANS: dict[Kind, Callable[[Stage, Act], Plan | None]] = {
    Kind.POST: _posting,
    Kind.EDIT: _editing,
    Kind.DELETE: _on_tweet,
    Kind.RETWEET: _on_tweet,
    Kind.UNRETWEET: _on_tweet,
    Kind.LIKE: _on_tweet,
    Kind.UNLIKE: _on_tweet,
    Kind.BOOKMARK: _on_tweet,
    Kind.UNBOOKMARK: _on_tweet,
    Kind.MUTE_CONVERSATION: _on_tweet,
    Kind.UNMUTE_CONVERSATION: _on_tweet,
    Kind.PIN: _pinning,
    Kind.UNPIN: _unpinning,
    Kind.MUTE_WORDS: _muting_words,
    Kind.FOLLOW_TAG: _on_tag,
    Kind.UNFOLLOW_TAG: _on_tag,
    Kind.PROTECT: _protecting,
    Kind.READ: _reading,
    Kind.LEAVE: _leaving,
    Kind.REMOVE: _removing,
    Kind.RESTORE: _restoring,
    Kind.REPORT: _reporting,
}
