"""Two versions of the code on the same stores, under load: each joins the other, and no act fails."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from datastore.mongo.client import open_mongo
from tests.datastore.opened import indexed
from tests.support.people import FOLLOW, HOME, POST, REGISTER, registration
from tests.support.processes.versions import FIELD, NEXT, THIS, Deployment, Version, checked_out
from tests.support.service import NO_AUTHORITIES, settings_for
from tests.support.waiting import eventually

pytestmark = pytest.mark.long
PEOPLE, SOME, PACE_SECONDS = 4, 12, 0.1
LIKE = "mutation Like($id: ID!) { like(tweetId: $id) { userErrors { code } } }"
EARLIER = os.environ.get("ROOKERY_VERSION_BEFORE", "HEAD~60")


@dataclass(slots=True)
class Crowd:
    """People who each follow the next one, post and like. `posted`: the texts of each author; `refused`: answers."""

    deployment: Deployment
    people: list[tuple[str, str]] = field(default_factory=list)
    posted: list[list[str]] = field(default_factory=lambda: [[] for _ in range(PEOPLE)])
    refused: list[dict[str, Any]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)

    async def sign_up(self) -> None:
        for _ in range(PEOPLE):
            answer = await self.deployment.ask(REGISTER, input=registration("person"))
            payload = answer["data"]["register"]
            self.people.append((payload["viewer"]["user"]["id"], payload["tokens"]["accessToken"]))
        for place, (_, token) in enumerate(self.people):
            await self._act(FOLLOW, token, id=self.people[(place + 1) % PEOPLE][0])

    async def act_until(self, stop: asyncio.Event, place: int) -> None:
        _, token = self.people[place]
        while not stop.is_set():
            text = f"tweet {next(self._numbers)}"
            payload = await self._act(POST, token, input={"text": text})
            if payload is not None:
                self.posted[place].append(text)
                await self._act(LIKE, token, id=payload["tweet"]["id"])
            page = await self.deployment.ask(HOME, token, first=20)
            if "errors" in page:
                self.refused.append(page)
            await asyncio.sleep(PACE_SECONDS)  # leaves processes time to start

    async def _act(self, document: str, token: str, **variables: Any) -> dict[str, Any] | None:
        answer = await self.deployment.ask(document, token, **variables)
        payload = next(iter((answer.get("data") or {}).values()), None)
        if "errors" in answer or not payload or payload["userErrors"]:
            self.refused.append(answer)
            return None
        result: dict[str, Any] = payload
        return result

    async def some_more(self) -> None:
        reached = self.count() + SOME
        await eventually(lambda: self.count() > reached or bool(self.refused), within=60.0)

    def count(self) -> int:
        return sum(map(len, self.posted))

    async def is_complete(self) -> bool:
        """Whether each home timeline has all posts of its circle, once each."""
        for place, (_, token) in enumerate(self.people):
            wanted = [*self.posted[place], *self.posted[(place + 1) % PEOPLE]]
            if sorted(await self._home_texts(token)) != sorted(wanted):
                return False
        return True

    async def _home_texts(self, token: str) -> Sequence[str]:
        texts, after = list[str](), None
        while True:
            page = (await self.deployment.ask(HOME, token, first=100, after=after))["data"]["homeTimeline"]
            texts += [edge["node"]["text"] for edge in page["edges"]]
            if not page["pageInfo"]["hasNextPage"]:
                return texts
            after = page["pageInfo"]["endCursor"]


async def test_either_version_joins_the_other_under_load_and_no_act_fails(mongo_url: str, redis_url: str) -> None:
    newest = await upgrade(mongo_url, redis_url, THIS, NEXT)
    async with open_mongo(mongo_url) as mongo:
        tweets = mongo.collection("tweets")
        assert await tweets.count_documents({"_id": {"$lte": newest}, FIELD: {"$exists": False}}) == 0


async def test_the_code_of_an_earlier_commit_and_this_one_go_together(
    mongo_url: str, redis_url: str, tmp_path: Path
) -> None:
    await upgrade(mongo_url, redis_url, checked_out(EARLIER, tmp_path), THIS)


async def upgrade(mongo_url: str, redis_url: str, old: Version, new: Version) -> int:
    """Returns the id of a tweet that was posted before the migration was finished."""
    await indexed(mongo_url)
    settings = settings_for(mongo_url, redis_url, rate_limit="off")
    async with httpx.AsyncClient(timeout=20.0, verify=NO_AUTHORITIES) as http:
        deployment = Deployment(settings, http)
        try:
            await deployment.start(old)
            crowd, stop = Crowd(deployment), asyncio.Event()
            await crowd.sign_up()
            acting = [asyncio.create_task(crowd.act_until(stop, place)) for place in range(PEOPLE)]
            await crowd.some_more()
            await new_beside_old(deployment, crowd, old, new)
            await old_beside_new(deployment, crowd, old)
            newest = await _newest_tweet(mongo_url)
            status, printed = await deployment.run(new, "migrate", "--finish")
            assert status == 0, printed
            await crowd.some_more()
            stop.set()
            await asyncio.gather(*acting)
            assert crowd.refused == []
            await eventually(crowd.is_complete, within=30.0)
            return newest
        finally:
            await deployment.kill_all()


async def new_beside_old(deployment: Deployment, crowd: Crowd, old: Version, new: Version) -> None:
    status, printed = await deployment.run(new, "migrate")
    assert status == 0, printed
    await deployment.start(new)
    await crowd.some_more()
    await deployment.end(old)
    await crowd.some_more()


async def old_beside_new(deployment: Deployment, crowd: Crowd, old: Version) -> None:
    await deployment.start(old)
    await crowd.some_more()
    await deployment.end(old)


async def _newest_tweet(mongo_url: str) -> int:
    async with open_mongo(mongo_url) as mongo:
        row = await mongo.collection("tweets").find_one({}, sort=[("_id", -1)])
    return int(row["_id"])
