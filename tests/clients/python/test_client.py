"""Sign-ins, acts, pictures and types of the package, against the real service."""

import asyncio
from contextlib import aclosing

import httpx
import msgspec
import pytest

from rookery_client import RefusedError, Rookery, RookeryError, SignedOutError, tweet_of
from rookery_client.generated import (
    ME,
    MediaSize,
    MediaState,
    MeVariables,
    NotificationChanged,
    NotificationKind,
    PostTweetInput,
    RegisterInput,
    Tokens,
)
from rookery_client.transport.http import Http
from rookery_client.transport.session import Session
from tests.clients.proxy import proxied
from tests.clients.story import LIKE
from tests.support.people import PASSWORD, Person, registration, sign_up
from tests.support.pictures import png
from tests.support.service import NO_AUTHORITIES, Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

WITHIN = 20.0


async def test_a_person_registers_signs_in_and_out(shared_service: Service) -> None:
    wanted = registration("alice")
    kept: list[Tokens | None] = []
    address = f"{shared_service.url}/graphql"
    async with Rookery(address, on_tokens=kept.append, ssl=NO_AUTHORITIES) as rookery:
        with pytest.raises(SignedOutError):
            await rookery.me()
        await rookery.register(RegisterInput(**wanted))
        assert (await rookery.me()).handle == wanted["handle"]
        with pytest.raises(RefusedError) as refused:
            await rookery.sign_in(wanted["handle"], "not the password")
        assert [(error.code, error.field) for error in refused.value.errors] == [("WRONG_CREDENTIALS", ("input",))]
        await rookery.sign_in(wanted["email"], PASSWORD)
        (tokens,) = kept[-1:]
        assert tokens is not None
        async with Rookery(address, tokens=tokens, ssl=NO_AUTHORITIES) as later:
            assert (await later.me()).handle == wanted["handle"]
        await rookery.sign_out()
        assert kept[-1] is None
        with pytest.raises(SignedOutError):
            await rookery.me()
        async with Rookery(address, tokens=tokens, ssl=NO_AUTHORITIES) as later:
            with pytest.raises(SignedOutError):
                await later.me()


async def test_a_refused_token_is_renewed_once_for_all_and_survives_a_cancelled_call(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    kept: list[Tokens | None] = []
    address = f"{shared_service.url}/graphql"
    async with httpx.AsyncClient(verify=NO_AUTHORITIES) as client:
        session = Session(Http(address, client), None, kept.append)
        session.begin(await tokens_of(address, alice))
        stale = await session.token()
        assert stale is not None
        cancelled = asyncio.create_task(session.renew(stale))
        await asyncio.sleep(0)
        cancelled.cancel()
        tokens = await asyncio.gather(*(session.renew(stale) for _ in range(5)))
        assert len(set(tokens)) == 1
        assert len({one.refresh_token for one in kept if one}) == len(kept) == 2
        async with Rookery(address, token=tokens[0], ssl=NO_AUTHORITIES) as rookery:
            assert (await rookery.me()).handle == alice.handle


async def test_a_renewal_does_not_bring_back_who_was_there_before(shared_service: Service) -> None:
    alice, bob = [await sign_up(shared_service, name) for name in ("alice", "bob")]
    address = f"{shared_service.url}/graphql"
    of_bob = await tokens_of(address, bob)
    async with httpx.AsyncClient(verify=NO_AUTHORITIES) as client:
        session = Session(Http(address, client), None, lambda _: None)
        session.begin(await tokens_of(address, alice))
        stale = await session.token()
        assert stale is not None
        renewing = asyncio.create_task(session.renew(stale))
        await asyncio.sleep(0)
        session.begin(of_bob)
        assert await session.renew(of_bob.access_token)
        with pytest.raises(SignedOutError, match="somebody else"):
            await renewing
        token = await session.token()
    async with Rookery(address, token=token, ssl=NO_AUTHORITIES) as rookery:
        assert (await rookery.me()).handle == bob.handle


async def test_a_worn_out_token_is_renewed_within_a_call(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    address = f"{shared_service.url}/graphql"
    tokens = msgspec.structs.replace(await tokens_of(address, alice), access_token="worn.out")
    async with Rookery(address, tokens=tokens, ssl=NO_AUTHORITIES) as rookery:
        assert (await rookery.me()).handle == alice.handle
    tokens = msgspec.structs.replace(await tokens_of(address, alice), access_token="worn.out")
    async with Rookery(address, tokens=tokens, ssl=NO_AUTHORITIES) as rookery:
        edges = await anext(aiter(rookery.home_timeline()))
        assert edges == ()


async def test_a_lost_answer_leaves_one_tweet(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    async with (
        proxied(shared_service) as proxy,
        Rookery(proxy.address, ssl=NO_AUTHORITIES) as rookery,
    ):
        await rookery.sign_in(alice.handle, PASSWORD)
        proxy.lose_next_answer()
        tweet = await rookery.acts.post("once")
        assert proxy.lost_answers == 1
        assert await rookery.acts.post("once more", key="a key") == await rookery.acts.post("once more", key="a key")
        reply = await rookery.acts.post("yes", in_reply_to=tweet.id)
        assert reply.in_reply_to is not None
        assert reply.in_reply_to.id == tweet.id
        with pytest.raises(RefusedError) as refused:
            await rookery.acts.post_tweet(PostTweetInput(text=""))
        assert refused.value.errors[0].field == ("input", "text")
    await shared_service.settle()
    assert sorted(await alice.home_texts()) == ["once", "once more", "yes"]


async def test_a_lost_renewal_leaves_the_session(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    kept: list[Tokens | None] = []
    async with proxied(shared_service) as proxy, httpx.AsyncClient(verify=NO_AUTHORITIES) as client:
        session = Session(Http(proxy.address, client), None, kept.append)
        session.begin(await tokens_of(proxy.address, alice))
        stale = await session.token()
        assert stale is not None
        proxy.lose_next_answer()
        await session.renew(stale)
        assert proxy.lost_answers == 1
        assert len({one.refresh_token for one in kept if one}) == len(kept) == 2


async def test_acts_on_a_tweet_and_its_updates(shared_service: Service) -> None:
    alice, bob = [await sign_up(shared_service, name) for name in ("alice", "bob")]
    tweet_id = await bob.post(f"hello @{alice.handle}")
    async with Rookery(f"{shared_service.url}/graphql", token=alice.token, ssl=NO_AUTHORITIES) as rookery:
        acts = rookery.acts
        async with aclosing(rookery.tweet_updates([tweet_id])) as updates:
            first = (await anext(updates)).tweet
            assert first is not None
            assert (first.like_count, first.entities.mentions[0].handle) == (0, alice.handle)
            for act, undo in (
                (acts.like, acts.unlike),
                (acts.retweet, acts.unretweet),
                (acts.bookmark, acts.unbookmark),
            ):
                done, undone = await act(tweet_id), await undo(tweet_id)
                assert done is not None
                assert undone is not None
                assert [done.viewer_has_liked, done.viewer_has_retweeted, done.viewer_has_bookmarked].count(True) == 1
                assert (undone.viewer_has_liked, undone.viewer_has_retweeted) == (False, False)
            assert await acts.like(tweet_id) is not None
            async with asyncio.timeout(WITHIN):
                async for update in updates:
                    if update.tweet is not None and update.tweet.like_count:
                        break
        followed = await acts.follow(bob.id)
        assert followed is not None
        assert followed.relationship is not None
        assert followed.relationship.is_following
        mine = await acts.post("mine")
        await acts.delete_tweet(mine.id)
        await shared_service.settle()
        edges = await anext(aiter(rookery.home_timeline()))
        assert [tweet_of(edge).id for edge in edges] == [tweet_id]
        await acts.unfollow(bob.id)
        with pytest.raises(RefusedError):
            await acts.like("VHdlZXQ6MA")
        assert await acts.mark_notifications_read() == 0


async def test_notifications_come_as_events_with_cursors(shared_service: Service) -> None:
    alice, bob = [await sign_up(shared_service, name) for name in ("alice", "bob")]
    tweet_id = await alice.post("like me")
    head = (await alice.ask("{ notifications { headCursor } }"))["notifications"]["headCursor"]
    await bob.act(LIKE, id=tweet_id)
    await bob.post(f"@{alice.handle} hi")
    async with Rookery(f"{shared_service.url}/graphql", token=alice.token, ssl=NO_AUTHORITIES) as rookery:
        found: list[NotificationKind] = []
        cursors: list[str] = []
        async with asyncio.timeout(WITHIN), aclosing(rookery.notification_events(head)) as events:
            while len(found) < 2:
                event = await anext(events)
                cursors.append(event.cursor)
                if isinstance(event, NotificationChanged):
                    found.append(event.notification.kind)
        assert sorted(found) == [NotificationKind.LIKE, NotificationKind.MENTION]
        async with asyncio.timeout(WITHIN), aclosing(rookery.notification_events(cursors[-2])) as events:
            assert (await anext(events)).cursor == cursors[-1]


async def test_a_timeline_keeps_the_newest_and_reads_older_pages(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    tweets = [await alice.post(f"tweet {number}") for number in range(50)]
    await shared_service.settle()
    newest = tweets[::-1]
    async with Rookery(f"{shared_service.url}/graphql", token=alice.token, ssl=NO_AUTHORITIES) as rookery:
        timeline = rookery.home_timeline(most=30)
        views = aiter(timeline)
        assert [edge.node.id for edge in await anext(views)] == newest[:20]
        assert (len(timeline.edges), timeline.has_more) == (20, True)
        await timeline.more()
        assert [edge.node.id for edge in timeline.edges] == newest[:30]
        assert (len(timeline.edges), timeline.has_more) == (30, False)
        await timeline.more()
        last = await alice.post("the last")
        edges = await asyncio.wait_for(anext(views), WITHIN)
        assert [edge.node.id for edge in edges] == [last, *newest[:29]]
        for tweet in newest[:5]:
            await alice.delete(tweet)
            edges = await asyncio.wait_for(anext(views), WITHIN)
        assert (len(edges), timeline.has_more) == (25, True)
        await timeline.more()
        assert [edge.node.id for edge in timeline.edges] == [last, *newest[5:34]]


async def test_a_picture_is_uploaded_and_shown(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    parts: list[float] = []
    async with Rookery(f"{shared_service.url}/graphql", token=alice.token, ssl=NO_AUTHORITIES) as rookery:
        media_id = await rookery.upload(png(), "image/png", alt_text="red", on_progress=parts.append)
        assert parts[-1] == 1.0
        tweet = await rookery.acts.post("look", media=(media_id,))
        assert [media.id for media in tweet.media] == [media_id]
        media = await rookery.media(media_id)
        assert (media.state, media.alt_text) == (MediaState.READY, "red")
        assert MediaSize.LARGE in {variant.size for variant in media.variants}
        broken = await rookery.upload(b"no picture", "image/png")
        with pytest.raises(RookeryError, match="picture"):
            await rookery.media(broken)


async def test_a_server_that_is_away_is_a_passing_error() -> None:
    async with Rookery("http://127.0.0.1:1/graphql", token="any", ssl=NO_AUTHORITIES) as rookery:
        with pytest.raises(RookeryError) as away:
            await rookery.ask(ME, MeVariables())
        assert (away.value.code, away.value.is_passing) == ("NETWORK", True)


async def test_a_session_that_was_revoked_is_over(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    kept: list[Tokens | None] = []
    async with Rookery(f"{shared_service.url}/graphql", on_tokens=kept.append, ssl=NO_AUTHORITIES) as rookery:
        await rookery.sign_in(alice.handle, PASSWORD)
        head = (await alice.home())["headCursor"]
        events = rookery.home_events(head)
        await alice.post("mine")
        await asyncio.wait_for(anext(events), WITHIN)
        sessions = (await alice.ask("{ viewer { sessions { id isCurrent } } }"))["viewer"]["sessions"]
        (other,) = [session["id"] for session in sessions if not session["isCurrent"]]
        await alice.act("mutation($id: ID) { logout(sessionId: $id) { userErrors { message } } }", id=other)
        with pytest.raises(SignedOutError):
            await asyncio.wait_for(anext(events), WITHIN)
        assert kept[-1] is None


async def tokens_of(address: str, person: Person) -> Tokens:
    kept: list[Tokens | None] = []
    async with Rookery(address, on_tokens=kept.append, ssl=NO_AUTHORITIES) as rookery:
        await rookery.sign_in(person.handle, PASSWORD)
    (tokens,) = kept
    assert tokens is not None
    return tokens
