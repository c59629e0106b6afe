"""The worker of pictures: jobs that run twice, pictures removed beside their processing, uploads that are lost."""

from datetime import timedelta

from msgspec import structs

from core.auth.tokens import utc_now
from core.ids import MediaId, TweetId, UserId
from datastore.jobs.jobs import ProcessMedia, PublishEdit
from datastore.media.records import MediaRecord, MediaState, MediaUse
from datastore.media.storage import incoming, variants
from datastore.media.store import Claim
from datastore.stores import Stores
from tests.datastore.opened import new_user, tweet_of
from tests.support.pictures import png
from workers.media import cleaning
from workers.media.cleaning import MediaCleaner
from workers.media.pictures import LOST, handle


async def arrived(stores: Stores, owner: UserId, data: bytes | None = None) -> ProcessMedia:
    """A picture whose bytes have arrived."""
    data = png() if data is None else data
    media = MediaRecord(MediaId(stores.ids()), owner, MediaState.WAITING, "image/png", len(data), "0" * 64, "secret")
    await stores.media.items.insert(media)
    await stores.media.storage.put(incoming(media.id), data)
    job = ProcessMedia(stores.ids(), media.id)
    assert await stores.media.items.arrived(job)
    assert not await stores.media.items.arrived(ProcessMedia(stores.ids(), media.id))
    return job


async def files(stores: Stores, media_id: MediaId) -> list[str]:
    return [file.key async for file in stores.media.storage.files(str(media_id))]


async def state(stores: Stores, media_id: MediaId) -> MediaState | None:
    media = await stores.media.items.get(media_id)
    return None if media is None else media.state


async def test_job_that_runs_twice_makes_the_same_picture(opened: Stores) -> None:
    job = await arrived(opened, await new_user(opened, "alice"))
    await handle(opened.media, job)
    first = await opened.media.items.get(job.media_id)
    await handle(opened.media, job)
    assert first is not None
    assert await opened.media.items.get(job.media_id) == first
    assert sorted(await files(opened, job.media_id)) == sorted(variants(first))
    assert await opened.media.storage.get(incoming(job.media_id)) is None


async def test_job_goes_on_where_a_killed_worker_left_it(opened: Stores) -> None:
    """All files are written, and the picture still waits for its state."""
    job = await arrived(opened, await new_user(opened, "alice"))
    media = await opened.media.items.get(job.media_id)
    assert media is not None
    await opened.media.storage.put(f"{media.id}/{media.secret}/LARGE.webp", b"of the killed worker")
    await handle(opened.media, job)
    assert await state(opened, media.id) is MediaState.READY
    assert await opened.media.storage.get(f"{media.id}/{media.secret}/LARGE.webp") != b"of the killed worker"


async def test_picture_that_is_removed_meanwhile_leaves_no_file(opened: Stores) -> None:
    job = await arrived(opened, await new_user(opened, "alice"))
    await opened.media.items.remove(job.media_id)
    await opened.media.storage.put(f"{job.media_id}/secret/LARGE.webp", b"of a worker beside it")
    await handle(opened.media, job)
    assert await files(opened, job.media_id) == []
    assert await opened.media.storage.get(incoming(job.media_id)) is None


async def test_bytes_that_are_lost_fail_with_a_sentence(opened: Stores) -> None:
    job = await arrived(opened, await new_user(opened, "alice"))
    await opened.media.storage.delete(incoming(job.media_id))
    await handle(opened.media, job)
    media = await opened.media.items.get(job.media_id)
    assert media is not None
    assert (media.state, media.failure) == (MediaState.FAILED, LOST)


async def test_claims_for_posts_and_edits_that_never_were_are_taken_back(opened: Stores) -> None:
    alice = await new_user(opened, "alice")
    items, pictures = opened.media.items, [(await arrived(opened, alice)).media_id for _ in range(4)]
    posted, never = structs.replace(tweet_of(TweetId(opened.ids()), alice), media=(pictures[0],)), TweetId(opened.ids())
    await opened.tweets.items.insert(posted)
    edit, failed = (PublishEdit(opened.ids(), posted.id, alice) for _ in range(2))
    acts = (posted.id, posted.id), (posted.id, edit.act_id), (posted.id, failed.act_id), (never, never)
    claims = [Claim(alice, TweetId(tweet), act) for tweet, act in acts]
    for picture, claim in zip(pictures, claims, strict=True):
        assert await items.claim([picture], claim)
    assert await opened.tweets.edits.edit(edit, posted, structs.replace(posted, media=(pictures[1],)))
    assert not await items.claim([pictures[0]], Claim(alice, TweetId(opened.ids()), opened.ids()))
    assert set(await items.unposted(utc_now() + timedelta(seconds=1), 10)) == {posted.id, never}
    await _settled(opened)
    shown = [(one.use, one.tweet_id) for one in await items.get_many(pictures) if one is not None]
    assert shown == [(MediaUse.TWEET, posted.id)] * 2 + [(None, None)] * 2
    assert await items.unposted(utc_now() + timedelta(seconds=1), 10) == []
    assert await items.claim(pictures[2:], Claim(alice, never, never))


async def _settled(stores: Stores) -> None:
    cleaner = MediaCleaner(stores.media, stores.tweets.edits)
    before = utc_now() + timedelta(seconds=1)
    await cleaner.settle_claims(await stores.media.items.unposted(before, 10))


async def test_unused_uploads_go_after_a_day_with_their_files(opened: Stores) -> None:
    alice = await new_user(opened, "alice")
    old, young = await arrived(opened, alice), await arrived(opened, alice)
    collection = opened.mongo.collection("media")
    a_day_ago = utc_now() - cleaning.UNUSED_KEPT - timedelta(seconds=1)
    await collection.update_one({"_id": old.media_id}, {"$set": {"at": a_day_ago}})
    await MediaCleaner(opened.media, opened.tweets.edits).clean()
    assert await state(opened, old.media_id) is None
    assert await state(opened, young.media_id) is MediaState.PROCESSING
    assert await opened.media.storage.get(incoming(old.media_id)) is None
    assert await collection.count_documents({}) == 1
