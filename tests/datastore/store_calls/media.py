"""Calls of the store of pictures."""

from datetime import timedelta
from time import monotonic

from core.auth.tokens import utc_now
from core.ids import MediaId
from datastore.jobs.jobs import ProcessMedia
from datastore.media.records import MediaRecord, MediaState, MediaUse, Processed
from datastore.media.store import Claim
from tests.datastore.store_calls.scene import Scene


async def pictures(scene: Scene) -> None:
    store, alice, later = scene.stores.media.items, scene.alice, utc_now() + timedelta(days=2)
    ids = [MediaId(scene.id()) for _ in range(3)]
    for media_id in ids:
        await store.insert(MediaRecord(media_id, alice, MediaState.WAITING, "image/png", 1, "0" * 64, "secret"))
        await store.arrived(ProcessMedia(scene.id(), media_id))
        await store.processed(media_id, Processed(1, 1, "", ()))
    await store.get(ids[0])
    await store.get_many(ids)
    store.local_rows(ids, monotonic())
    store.local_entries(ids, monotonic())
    await store.begin_read(ids, 0.0).load()
    await store.count_unused(alice)
    await store.describe(ids[0], alice, "A rook.")
    claim = Claim(alice, scene.tweet.id, scene.tweet.id)
    await store.claim(ids[:1], claim)
    await store.unposted(later, 10)
    await store.settle(scene.tweet.id, ids[:1])
    await store.confirm(claim)
    await store.release(claim)
    await store.use_on_profile(ids[1], alice, MediaUse.AVATAR)
    await store.all_rows(0, 10)
    await store.lose(ids[2], "Lost.")


async def deletions(scene: Scene) -> None:
    store = scene.stores.media.items
    await store.remove(MediaId(scene.id()))
    await store.remove_of_tweet(scene.tweet.id)
    await store.remove_abandoned(utc_now() + timedelta(days=2))
    await store.remove_of(scene.alice)
    await store.forget(*await store.removed(10))
