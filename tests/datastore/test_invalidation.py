"""Which rows a job makes Redis forget, and which are not trusted while a job is late."""

from core.ids import AccessTokenId, SessionId, TweetId, UserId
from datastore.cache.row_codec import RowChange
from datastore.invalidation import LateInvalidations, forget_rows
from datastore.jobs.acts import ActKind, ViewChange, ViewChangeKind
from datastore.jobs.jobs import (
    AcceptFollowRequests,
    DeleteAccount,
    EndAccessTokens,
    EndSessions,
    FanOut,
    ForgetProfile,
    Job,
    Merge,
    MergeTag,
    Notify,
    PublishProtection,
    PublishViewChange,
    Retract,
    Unmerge,
)
from datastore.records.items import ItemKind
from datastore.redis import keys
from datastore.stores import Stores
from datastore.tweets.viewer_state import Interaction
from datastore.users.viewpoint_records import FollowChange
from tests.datastore.opened import new_user

ALICE, BOB, TWEET, SESSION, ACT, TOKEN = UserId(1), UserId(2), TweetId(3), SessionId(4), 5, AccessTokenId(6)
USER, VIEW, MARKS = keys.user(ALICE), keys.viewpoint(ALICE), keys.recent_interactions(ALICE)
OLD = b"a row of before"
CHANGES: list[tuple[Job, list[str]]] = [
    (Merge(ACT, ALICE, BOB), [VIEW]),
    (Unmerge(ACT, ALICE, BOB), [VIEW]),
    (MergeTag(ACT, ALICE, "rooks"), [VIEW]),
    (PublishViewChange(ACT, ALICE, ViewChange(ViewChangeKind.BLOCKED, BOB)), [VIEW]),
    (PublishProtection(ACT, ALICE, is_protected=True), [USER]),
    (AcceptFollowRequests(ACT, ALICE), [USER]),
    (ForgetProfile(ACT, ALICE), [USER]),
    (DeleteAccount(ACT, ALICE), [USER, VIEW]),
    (EndSessions(ACT, (SESSION,)), [keys.session(SESSION)]),
    (EndAccessTokens(ACT, (TOKEN,)), [keys.access_token(TOKEN)]),
    (Retract(ACT, TWEET, ALICE, ItemKind.TWEET), [keys.tweet(TWEET)]),
    (Retract(ACT, TWEET, ALICE, ItemKind.RETWEET), [keys.tweet(TWEET)]),
    (Notify(ACT, ActKind.LIKE, ALICE, TWEET), [MARKS]),
    (Notify(ACT, ActKind.LIKE, ALICE, TWEET, is_undone=True), [MARKS]),
    (Notify(ACT, ActKind.RETWEET, ALICE, TWEET), [MARKS]),
    (Notify(ACT, ActKind.RETWEET, ALICE, TWEET, is_undone=True), [MARKS]),
    (FanOut(TWEET, ALICE), []),
]
NAMES = sorted({name for _, names in CHANGES for name in names})


async def test_a_job_makes_redis_forget_what_its_act_changed(opened: Stores) -> None:
    for job, names in CHANGES:
        await opened.redis.mset(dict.fromkeys(NAMES, OLD))
        await forget_rows(opened, job)
        assert {name for name in NAMES if await opened.redis.get(name) != OLD} == set(names), job


async def test_a_row_that_has_taken_the_act_in_stays(opened: Stores) -> None:
    follow, like = RowChange(FollowChange.FOLLOWED, BOB, ACT), RowChange(Interaction.LIKE, TWEET, ACT)
    rows = {VIEW: OLD + follow.encode(), MARKS: OLD + like.encode()}
    await opened.redis.mset(rows)
    await forget_rows(opened, Merge(ACT, ALICE, BOB))
    await forget_rows(opened, Notify(ACT, ActKind.LIKE, ALICE, TWEET))
    assert [await opened.redis.get(name) for name in rows] == list(rows.values())


async def test_rows_of_a_late_job_are_not_trusted_until_it_is_finished(opened: Stores) -> None:
    alice, ended = await new_user(opened, "alice"), list[str]()
    late, early = ForgetProfile(opened.ids() - (2_000 << 22), alice), ForgetProfile(opened.ids(), BOB)
    over = EndSessions(opened.ids() - (2_000 << 22), (SESSION,))
    for job in (late, early, over):
        await opened.jobs.outbox.add(None, job)
    assert await opened.users.accounts.get(alice) is not None
    await opened.mongo.collection("users").update_one({"_id": alice}, {"$set": {"bio": "new"}})
    watch = LateInvalidations(opened, ended.append)

    await watch.refresh()
    assert opened.users.accounts.rows.distrusted == {alice}
    assert opened.users.sessions.rows.distrusted == {SESSION}
    assert ended == [keys.session_channel(SESSION)]
    found = await opened.users.accounts.get(alice)
    assert found is not None
    assert found.bio == "new"

    for job in (late, over):
        await forget_rows(opened, job)
        await opened.jobs.outbox.finish(job)
    await watch.refresh()
    assert opened.users.accounts.rows.distrusted == frozenset()
    found = await opened.users.accounts.get(alice)
    assert found is not None
    assert found.bio == "new"
