"""Suggestions of people: friends of friends, filled up by people who are followed much and active this week."""

import asyncio

import pytest

from core.ids import first_id_of, wall_ms
from core.trends.scoring import DAY_MS
from tests.support.people import Person, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

OWN_DATABASE = True

WHO = """query($first: Int!) { viewer { whoToFollow(first: $first) { handle }
  followSuggestions(first: $first) { user { handle } reason mutualFollowCount } } }"""
PROTECT = "mutation { updateProfile(input: {isProtected: true}) { userErrors { code field } } }"
BLOCK = "mutation($id: ID!) { block(userId: $id) { userErrors { code field } } }"
MUTE = "mutation($id: ID!) { mute(userId: $id) { userErrors { code field } } }"


async def suggested(viewer: Person, among: set[str]) -> list[tuple[str, str, int]]:
    answer = (await viewer.ask(WHO, first=100))["viewer"]
    found = [(one["user"]["handle"], one["reason"], one["mutualFollowCount"]) for one in answer["followSuggestions"]]
    assert [handle for handle, _, _ in found] == [person["handle"] for person in answer["whoToFollow"]]
    return [one for one in found if one[0] in among]


async def test_popular_and_active_people_fill_up(shared_service: Service) -> None:
    service = shared_service
    names = ("viewer", "friend", "known", "loved", "liked", "silent", "private", "foe", "muted", "marked", "sent")
    people = dict(zip(names, await _cast(service, names), strict=True))
    fans = await _cast(service, ("fan", "fan", "fan"))
    viewer, among = people["viewer"], {person.handle for person in people.values()}
    await viewer.follow(people["friend"])
    await people["friend"].follow(people["known"])
    for name in names[3:]:
        for fan in fans if name != "liked" else fans[:2]:
            await fan.follow(people[name])
        if name != "silent":
            await people[name].post("here I am")
    await service.stores.mongo.collection("tweets").insert_one(
        {"_id": first_id_of(wall_ms() - 8 * DAY_MS), "author": await _id(service, people["silent"])}
    )
    await people["private"].ask(PROTECT)
    await people["foe"].act(BLOCK, id=viewer.id)
    await viewer.act(MUTE, id=people["muted"].id)
    for name, mark in (("marked", "limited"), ("sent", "suspended")):
        await service.stores.mongo.collection("users").update_one(
            {"handle": people[name].handle}, {"$set": {f"moderation.{mark}": True}}
        )
    await service.settle()
    assert await suggested(viewer, among) == [
        (people["known"].handle, "FOLLOWED_BY_FOLLOWEES", 1),
        (people["loved"].handle, "POPULAR", 0),
        (people["liked"].handle, "POPULAR", 0),
    ]
    first = (await viewer.ask(WHO, first=2))["viewer"]["whoToFollow"]
    assert [person["handle"] for person in first] == [people["known"].handle, people["loved"].handle]
    await viewer.follow(people["loved"])
    assert people["loved"].handle not in [handle for handle, _, _ in await suggested(viewer, among)]
    assert await viewer.failed(WHO, first=0) == ["BAD_USER_INPUT"]


async def _cast(service: Service, names: tuple[str, ...]) -> list[Person]:
    return await asyncio.gather(*[sign_up(service, name) for name in names])


async def _id(service: Service, person: Person) -> int:
    row = await service.stores.mongo.collection("users").find_one({"handle": person.handle}, {"_id": 1})
    return int(row["_id"])
