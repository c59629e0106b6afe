"""Backfill of an old database: rows get derived fields once, and their other fields do not change."""

from typing import Any

import pytest
import Stemmer
from msgspec import structs

from core.ids import EPOCH_MS, TweetId, first_id_of
from core.text.entities import extract_entities
from core.text.languages import language_of
from datastore.admin import backfill
from datastore.admin.backfill import prepare
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import Notify, PublishEdit, pack
from datastore.jobs.outbox import NOTIFY_ENTRIES
from datastore.records.items import TweetRecord
from datastore.records.users import to_document as account_document
from datastore.stores import Stores
from datastore.tweets.factory import to_document as tweet_document
from datastore.tweets.likes import like_notice
from tests.datastore.opened import new_tweet, new_user, new_users

HOUR = first_id_of(EPOCH_MS + 3_600_000)
DERIVED = {"users": "names", "tweets": "terms"}


async def rows_of(stores: Stores) -> dict[str, list[dict[str, Any]]]:
    return {name: [row async for row in stores.mongo.collection(name).find().sort("_id", 1)] for name in DERIVED}


async def forget(stores: Stores) -> None:
    """Removes the derived fields, as in a version without them."""
    for name, field in DERIVED.items():
        await stores.mongo.collection(name).update_many({}, {"$unset": {field: 1}})
    await stores.mongo.collection("derived_fields").delete_many({})


async def test_older_rows_are_found_once_the_database_is_ready(opened: Stores) -> None:
    alice = await new_user(opened, "alice")
    text = "Rooks at the café #chess"
    entities = extract_entities(text)
    lang = language_of(text, entities)
    tweet = TweetRecord(TweetId(7), alice, text, TweetId(7), entities=entities, tags=("chess",), lang=lang)
    await opened.mongo.collection("tweets").insert_one(tweet_document(tweet))
    retweet = {"_id": 8, "author": alice, "retweet_of": 7, "retweet_of_author": alice}
    await opened.mongo.collection("tweets").insert_one(retweet)
    before = await rows_of(opened)
    assert before["tweets"][0]["terms"][:4] == ["rook", "at", "the", "cafe"]
    await forget(opened)
    await prepare(opened.mongo)
    assert await rows_of(opened) == before

    await opened.mongo.collection("tweets").update_one({"_id": 7}, {"$unset": {"terms": 1}})
    await opened.mongo.collection("derived_fields").update_many({}, {"$set": {"version": 0}})
    await prepare(opened.mongo)
    assert await rows_of(opened) == before


async def test_what_older_processes_wrote_meanwhile_is_made_anew_and_the_rest_not_read_again(opened: Stores) -> None:
    alice = await new_user(opened, "alice")
    tweets, now = opened.mongo.collection("tweets"), opened.ids()
    early, late, later = (TweetId(now + hours * HOUR) for hours in (-3, 0, 2))
    for at in (early, late):
        await tweets.insert_one(tweet_document(TweetRecord(at, alice, "rooks", at)))
    await prepare(opened.mongo)
    await tweets.insert_one(tweet_document(TweetRecord(later, alice, "rooks", later)))
    await tweets.update_many({}, {"$set": {"terms": ["older"]}})
    await prepare(opened.mongo)
    found = {row["_id"]: row["terms"] async for row in tweets.find()}
    assert [found[at][0] for at in (early, late, later)] == ["older", "rook", "rook"]


async def test_rows_of_an_older_fold_are_made_anew_and_duplicates_end(opened: Stores) -> None:
    alice = await new_user(opened, "alice")
    text, tags = "Łódź #Łódź #Ёлка #Café", ("łodz", "елка", "cafe")
    tweet = TweetRecord(TweetId(7), alice, text, TweetId(7), entities=extract_entities(text), tags=tags)
    older = {**tweet_document(tweet), "terms": ["łodz", "#łodz", "#елка"]}
    await opened.mongo.collection("tweets").insert_one(older)
    await opened.mongo.collection("users").update_one({"_id": alice}, {"$set": {"name": "Đức", "names": ["đ"]}})
    follows, campaigns = opened.mongo.collection("tag_follows"), opened.mongo.collection("campaigns")
    names = {1: ("łodz", "Łódź"), 2: ("lodz", "Lodz"), 3: ("елка", "Ёлка"), 4: ("cafe", "Café")}
    await follows.insert_many(
        [{"_id": at, "user": alice, "tag": tag, "name": name} for at, (tag, name) in names.items()]
    )
    await campaigns.insert_one({"_id": 9, "hashtags": ["Łódź", "LODZ", "Ёлка"], "tags": ["lodz", "łodz", "елка"]})
    await opened.mongo.collection("derived_fields").delete_many({})
    marks = [{"_id": "tweets.terms", "version": 1}, {"_id": "users.names", "version": 1}]
    await opened.mongo.collection("derived_fields").insert_many(marks)

    await prepare(opened.mongo)

    (row,) = (await rows_of(opened))["tweets"]
    assert row["tags"] == ["lodz", "ёлка", "cafe"]
    assert row["terms"][:7] == ["lodz", "ёлка", "cafe", "#lodz", "#ёлка", "#cafe", f"from:{alice}"]
    (row,) = (await rows_of(opened))["users"]
    assert row["names"][-3:] == ["d", "du", "duc"]
    kept = {row["_id"]: row["tag"] async for row in follows.find()}
    assert kept == {2: "lodz", 3: "ёлка", 4: "cafe"}
    assert await campaigns.find_one({"_id": 9}, {"tags": 1}) == {"_id": 9, "tags": ["lodz", "ёлка"]}


async def test_languages_that_are_guessed_otherwise_are_said_and_found_anew(opened: Stores) -> None:
    alice = await new_user(opened, "alice")
    texts = {7: "kalimera se olous", 8: "Ingen fortalte meg at du kom i går", 9: "The rooks are back in the old elms"}
    stored = {7: "zzp", 8: "nb", 9: "en"}
    tweets = opened.mongo.collection("tweets")
    for at, text in texts.items():
        tweet = TweetRecord(TweetId(at), alice, text, TweetId(at), lang=stored[at])
        await tweets.insert_one({**tweet_document(tweet), "terms": [f"lang:{stored[at]}"]})
    await opened.mongo.collection("derived_fields").delete_many({})
    await prepare(opened.mongo)
    rows = {row["_id"]: row async for row in tweets.find()}
    assert {at: row["lang"] for at, row in rows.items()} == {7: None, 8: "no", 9: "en"}
    assert "kalimera" in rows[7]["terms"]
    assert [[term for term in rows[at]["terms"] if term.startswith("lang:")] for at in texts] == [
        [],
        ["lang:no"],
        ["lang:en"],
    ]


async def test_terms_are_made_anew_for_another_release_of_the_stemmer(opened: Stores) -> None:
    alice = await new_user(opened, "alice")
    tweet = TweetRecord(TweetId(7), alice, "an evening of rooks", TweetId(7), lang="en")
    await opened.mongo.collection("tweets").insert_one(tweet_document(tweet))
    await prepare(opened.mongo)
    mark = await opened.mongo.collection("derived_fields").find_one({"_id": "tweets.terms"})
    assert mark is not None
    assert str(mark["version"]).endswith(f"Snowball {Stemmer.version()}")
    # The release that stored these took "evening" for a form of "even".
    older = {"_id": "tweets.terms", "version": "4, Snowball 2.2.0"}
    await opened.mongo.collection("derived_fields").replace_one({"_id": "tweets.terms"}, older)
    await opened.mongo.collection("tweets").update_one({"_id": 7}, {"$set": {"terms": ["an", "even", "of", "rook"]}})
    await prepare(opened.mongo)
    (row,) = (await rows_of(opened))["tweets"]
    assert row["terms"][:4] == ["an", "evening", "of", "rook"]


async def test_an_edit_beside_the_backfill_stands(opened: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fields derived from the version before are not written over it."""
    alice, write = await new_user(opened, "alice"), backfill._write  # noqa: SLF001 - the moment between reading and writing
    tweet = TweetRecord(TweetId(7), alice, "crows", TweetId(7), lang="en")
    await opened.mongo.collection("tweets").insert_one({**tweet_document(tweet), "terms": ["stale"]})
    await opened.mongo.collection("derived_fields").delete_many({})

    async def edited_before(rows: Any, updates: Any) -> None:
        job = PublishEdit(opened.ids(), tweet.id, alice)
        await opened.tweets.edits.edit(job, tweet, structs.replace(tweet, text="rooks"))
        await write(rows, updates)

    monkeypatch.setattr(backfill, "_write", edited_before)
    await prepare(opened.mongo)
    (row,) = (await rows_of(opened))["tweets"]
    assert (row["text"], row["terms"][0]) == ("rooks", "rook")


async def test_stored_fields_equal_backfilled_ones(opened: Stores) -> None:
    bob = await new_user(opened, "bob")
    account = await opened.users.accounts.get_account(bob)
    assert account is not None
    (row,) = (await rows_of(opened))["users"]
    assert row["names"] == account_document(account)["names"]
    await opened.users.accounts.update_profile(bob, {"name": "Émile Zorn"})
    (row,) = (await rows_of(opened))["users"]
    assert row["names"][-9:] == ["e", "em", "emi", "emil", "emile", "z", "zo", "zor", "zorn"]


async def test_notices_of_acts_that_are_their_own_outbox_are_carried_over(opened: Stores) -> None:
    author, fan = await new_users(opened, "author", "fan")
    tweet = await new_tweet(opened, author)
    told = like_notice(opened.ids(), fan, tweet.id)
    await opened.tweets.likes.add(told.act_id, fan, tweet.id)
    undone = Notify(opened.ids(), ActKind.RETWEET, fan, tweet.id, is_undone=True)
    kept = Notify(opened.ids(), ActKind.REQUEST, fan, author)
    notices = opened.mongo.collection(NOTIFY_ENTRIES)
    await notices.insert_many([{"_id": job.act_id, "job": pack(job)} for job in (told, undone, kept)])
    for _ in range(2):
        await prepare(opened.mongo)
        assert [row["_id"] async for row in notices.find({})] == [kept.act_id]
        jobs = [job for job in await opened.jobs.outbox.unfinished(-1_000, 100) if isinstance(job, Notify)]
        assert sorted(jobs, key=lambda job: job.act_id) == [told, undone, kept]
    await opened.notifications.writer.apply([told, undone])
    assert [job for job in await opened.jobs.outbox.unfinished(-1_000, 100) if isinstance(job, Notify)] == [kept]
