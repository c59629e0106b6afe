"""Plays acts on the API and the model side by side; the API's answer to the acting person must be right at once."""

import asyncio
from typing import Any

from tests.support.model import answers
from tests.support.model.acts import Act, Kind
from tests.support.model.list_plans import ON_LISTS, list_plan_of
from tests.support.model.model import Model
from tests.support.model.plans import Plan, plan_of
from tests.support.model.stage import Stage

_MARKS = "viewerHasLiked viewerHasRetweeted viewerHasBookmarked viewerHasMutedConversation"
_TWEET = f"tweet {{ id {_MARKS} }} userErrors {{ code }}"
_USER = "user { relationship { isFollowing isFollowedBy hasRequestedFollow isBlocking isMuting } } userErrors { code }"
_ERRORS = "userErrors { code }"
_ON_TWEETS = (
    *(Kind.RETWEET, Kind.UNRETWEET, Kind.LIKE, Kind.UNLIKE, Kind.BOOKMARK, Kind.UNBOOKMARK),
    *(Kind.MUTE_CONVERSATION, Kind.UNMUTE_CONVERSATION),
)
_ON_PEOPLE = (
    *(Kind.FOLLOW, Kind.UNFOLLOW, Kind.REMOVE_FOLLOWER, Kind.ACCEPT, Kind.REJECT),
    *(Kind.BLOCK, Kind.UNBLOCK, Kind.MUTE, Kind.UNMUTE),
)
_ON_TAGS = (Kind.FOLLOW_TAG, Kind.UNFOLLOW_TAG)
DOCUMENTS = {
    Kind.POST: f"mutation Act($input: PostTweetInput!) {{ act: postTweet(input: $input) {{ {_TWEET} }} }}",
    Kind.EDIT: f"mutation Act($input: EditTweetInput!) {{ act: editTweet(input: $input) {{ {_TWEET} }} }}",
    Kind.DELETE: "mutation Act($id: ID!) { act: deleteTweet(id: $id) { deletedId userErrors { code } } }",
    Kind.MUTE_WORDS: "mutation Act($words: [String!]!) { act: setMutedWords(words: $words) { userErrors { code } } }",
    Kind.PROTECT: f"mutation Act($input: UpdateProfileInput!) {{ act: updateProfile(input: $input) {{ {_USER} }} }}",
    Kind.READ: "mutation Act($cursor: String!) { act: setHomeReadCursor(cursor: $cursor) { userErrors { code } } }",
    Kind.LEAVE: "mutation Act($password: String!) { act: deleteAccount(password: $password) { userErrors { code } } }",
    Kind.PIN: f"mutation Act($id: ID!) {{ act: pinTweet(id: $id) {{ {_ERRORS} }} }}",
    Kind.UNPIN: f"mutation Act {{ act: unpinTweet {{ {_ERRORS} }} }}",
    Kind.CREATE_LIST: "mutation Act($input: ListInput!) "
    f"{{ act: createList(input: $input) {{ list {{ id }} {_ERRORS} }} }}",
    Kind.CHANGE_LIST: "mutation Act($id: ID!, $input: UpdateListInput!) "
    f"{{ act: updateList(id: $id, input: $input) {{ {_ERRORS} }} }}",
    Kind.DELETE_LIST: f"mutation Act($id: ID!) {{ act: deleteList(id: $id) {{ {_ERRORS} }} }}",
    Kind.REMOVE: "mutation Act($input: ModerateInput!) "
    f"{{ act: moderate(input: $input) {{ decision {{ id }} {_ERRORS} }} }}",
    Kind.REPORT: f"mutation Act($input: ReportInput!) {{ act: report(input: $input) {{ {_ERRORS} }} }}",
    Kind.RESTORE: f"mutation Act($id: ID!) {{ act: revokeDecision(id: $id) {{ {_ERRORS} }} }}",
    **{
        kind: f"mutation Act($id: ID!, $userId: ID!) {{ act: {kind}(id: $id, userId: $userId) {{ {_ERRORS} }} }}"
        for kind in (Kind.ADD_TO_LIST, Kind.REMOVE_FROM_LIST)
    },
    **{kind: f"mutation Act($id: ID!) {{ act: {kind}(tweetId: $id) {{ {_TWEET} }} }}" for kind in _ON_TWEETS},
    **{kind: f"mutation Act($id: ID!) {{ act: {kind}(userId: $id) {{ {_USER} }} }}" for kind in _ON_PEOPLE},
    **{
        kind: f"mutation Act($name: String!) {{ act: {kind}(name: $name) {{ userErrors {{ code }} }} }}"
        for kind in _ON_TAGS
    },
}
# The other mutations have the same answer when they are sent twice at once.
_ONCE = (Kind.DELETE, Kind.LEAVE, Kind.CREATE_LIST, Kind.DELETE_LIST, Kind.REMOVE)
# They continue in the background, and the effect of the next act depends on their progress.
_CONTINUE = (Kind.PROTECT, Kind.LEAVE)
_TWICE = 256


async def play(stage: Stage, act: Act) -> None:
    """Does nothing where the act has no object."""
    plan = list_plan_of(stage, act) if act.kind in ON_LISTS else plan_of(stage, act)
    if plan is not None:
        is_twice = bool(act.how & _TWICE) and plan.kind not in _ONCE
        stage.note(f"{plan.line}, twice at a time" if is_twice else plan.line)
        await _carry_out(stage, plan, times=1 + is_twice)


async def _carry_out(stage: Stage, plan: Plan, *, times: int) -> None:
    expected = plan.expect()
    if expected is not None:
        stage.note(f"    refused: {expected}")
    for answer in await asyncio.gather(*[plan.who.ask(DOCUMENTS[plan.kind], **plan.variables) for _ in range(times)]):
        payload = answer["act"]
        outcomes = [error["code"] for error in payload["userErrors"]]
        stage.agree(plan.line, outcomes, [] if expected is None else [expected])
        if expected is None:
            _check_payload(stage, plan, payload)
    if plan.kind in _CONTINUE:
        await stage.service.settle()


def _check_payload(stage: Stage, plan: Plan, payload: dict[str, Any]) -> None:
    if plan.kind is Kind.POST:
        stage.tweet_ids.setdefault(stage.model.now, payload["tweet"]["id"])
        stage.agree(f"the id of {plan.line}", payload["tweet"]["id"], stage.tweet_ids[stage.model.now])
    if plan.decided is not None:
        stage.decision_ids[plan.decided] = payload["decision"]["id"]
    if plan.kind is Kind.CREATE_LIST:
        stage.list_ids[stage.model.now] = payload["list"]["id"]
    if plan.whom is not None:
        relationship = relationship_of(stage.model, plan.who.handle, plan.whom)
        is_there = stage.model.is_there(plan.whom)
        stage.agree(plan.line, payload["user"], {"relationship": relationship} if is_there else None)
    if plan.about is not None:
        marks = None
        if stage.model.may_see(plan.who.handle, plan.about):
            marks = {"id": stage.tweet_ids[plan.about], **marks_of(stage.model, plan.who.handle, plan.about)}
        stage.agree(plan.line, payload["tweet"], marks)


def marks_of(model: Model, viewer: str, tweet: int) -> dict[str, bool]:
    """The viewer's marks of a tweet that exists, by the fields of the API."""
    return {
        "viewerHasLiked": (viewer, tweet) in model.likes,
        "viewerHasRetweeted": model.retweet_by(viewer, tweet) is not None,
        "viewerHasBookmarked": (viewer, tweet) in model.bookmarks,
        "viewerHasMutedConversation": (viewer, model.tweets[tweet].conversation) in model.muted_conversations,
    }


def relationship_of(model: Model, viewer: str, user: str) -> dict[str, bool]:
    """The viewer's relationship to a user, by the fields of the API."""
    relationship = answers.relationship(model, viewer, user)
    return {
        "isFollowing": relationship.is_following,
        "isFollowedBy": relationship.is_followed_by,
        "hasRequestedFollow": relationship.has_requested_follow,
        "isBlocking": relationship.is_blocking,
        "isMuting": relationship.is_muting,
    }
