"""Suspended and limited people through the API: who sees what of them, and that a revoked decision leaves no trace."""

from typing import Any

import pytest

from core.moderation import ModerationAction
from tests.support.mails.mailbox import LOGIN
from tests.support.model.decisions import decide, revoke, signed_in_again
from tests.support.people import FOLLOW, PASSWORD, Person, codes, sign_up
from tests.support.pictures import png, ready
from tests.support.scenarios.notifications import BLOCK, LIKE, MUTE, RETWEET, UNMUTE
from tests.support.scenarios.scoped_tokens import scoped
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")
_PEOPLE = "edges { node { handle } }"
_TWEETS = "edges { node { id } }"
_ITEMS = "edges { reason node { ... on Tweet { id } ... on Retweet { id tweet { id } } } }"
ANSWERS = f"""query Answers($her: ID!, $handle: String!, $his: ID!, $hers: ID!, $answer: ID!, $list: ID!,
    $tag: String!) {{
  node(id: $her) {{ ... on User {{ handle bio followerCount followingCount tweetCount
    tweets(include: TWEETS_AND_REPLIES) {{ {_ITEMS} }} likes {{ {_TWEETS} }}
    followers {{ {_PEOPLE} }} following {{ {_PEOPLE} }} }} }}
  user(handle: $handle) {{ id }}
  his: tweet(id: $his) {{ likeCount retweetCount replyCount quoteCount
    likedBy {{ {_PEOPLE} }} retweetedBy {{ {_PEOPLE} }}
    replies(sort: LATEST) {{ {_TWEETS} }} top: replies(sort: TOP) {{ {_TWEETS} }} quotes {{ {_TWEETS} }}
    author {{ followerCount followingCount followers {{ {_PEOPLE} }} following {{ {_PEOPLE} }}
      likes {{ {_TWEETS} }} tweets {{ {_ITEMS} }} }} }}
  hers: tweet(id: $hers) {{ id }}
  answer: tweet(id: $answer) {{ id inReplyTo {{ id }} ancestors {{ id }} }}
  list(id: $list) {{ members {{ {_PEOPLE} }} timeline {{ {_ITEMS} }} }}
  hashtag(name: $tag) {{ tweets {{ {_TWEETS} }} }}
  searchTweets(query: "#{{tag}}") {{ {_TWEETS} }}
  people: searchUsers(query: $handle) {{ {_PEOPLE} }} }}"""
OWN = f"""{{ homeTimeline(first: 50) {{ {_ITEMS} }}
  viewer {{ unreadNotificationCount bookmarks {{ {_TWEETS} }} mutedUsers {{ {_PEOPLE} }}
    whoToFollow(first: 10) {{ handle }} }}
  notifications {{ edges {{ node {{ kind actorCount actors {{ handle }} tweet {{ id }} }} }} }} }}"""
MARK = "mutation Mark($id: ID!) { bookmark(tweetId: $id) { userErrors { code } } }"
CREATE_LIST = "mutation Create($input: ListInput!) { createList(input: $input) { list { id } userErrors { code } } }"
ADD = "mutation Add($id: ID!, $userId: ID!) { addToList(id: $id, userId: $userId) { userErrors { code } } }"
FOLLOW_TAG = "mutation Tag($name: String!) { followHashtag(name: $name) { userErrors { code } } }"
UNFOLLOW = "mutation Unfollow($id: ID!) { unfollow(userId: $id) { user { id } userErrors { code } } }"
UNBOOKMARK = "mutation Unmark($id: ID!) { unbookmark(tweetId: $id) { tweet { id } userErrors { code } } }"
WATCH = "subscription Watch($ids: [ID!]!) { tweetUpdates(ids: $ids) { isDeleted tweet { id likeCount } } }"
FACE = """mutation Face($input: UpdateProfileInput!) { updateProfile(input: $input) {
  user { avatarUrl } userErrors { code } } }"""
ME = "{ viewer { user { handle } } }"
HOME = "{ homeTimeline(first: 1) { headCursor } }"


class Town:
    """Alice, about whom is decided; Bob follows her; Carol is a stranger with a list and a hashtag."""

    def __init__(self, service: Service, people: list[Person]) -> None:
        self.service = service
        self.alice, self.bob, self.carol, self.dave = people
        self.tag = f"rooks{self.alice.handle.rsplit('_', 1)[1]}"
        self.names: dict[str, str] = {}

    async def live(self) -> None:
        alice, bob, carol = self.alice, self.bob, self.carol
        await bob.follow(carol)
        await bob.follow(alice)
        await alice.follow(bob)
        await carol.follow(bob)
        await carol.act(FOLLOW_TAG, name=self.tag)
        his = await bob.post("his")
        hers = await alice.post(f"hers #{self.tag}")
        reply = await alice.post("her reply", inReplyTo=his)
        quote = await alice.post("her quote", quoted=his)
        answer = await bob.post("his answer", inReplyTo=hers)
        for who, tweet in ((alice, his), (bob, hers), (carol, hers)):
            await who.act(LIKE, id=tweet)
        for who, tweet in ((alice, his), (bob, hers)):
            await who.act(RETWEET, id=tweet)
        await carol.act(MARK, id=hers)
        await carol.act(MUTE, id=alice.id)
        await carol.act(UNMUTE, id=alice.id)
        listed = (await carol.act(CREATE_LIST, input={"name": "Birds"}))["list"]["id"]
        for member in (alice, bob):
            await carol.act(ADD, id=listed, userId=member.id)
        self.names = {"his": his, "hers": hers, "reply": reply, "quote": quote, "answer": answer, "list": listed}

    async def seen_by(self, viewer: Person | None) -> dict[str, Any]:
        """All answers about Alice and what she did, when all jobs are done."""
        await self.service.settle()
        names = {name: self.names[name] for name in ("his", "hers", "answer", "list")}
        variables = {**names, "her": self.alice.id, "handle": self.alice.handle, "tag": self.tag}
        token = None if viewer is None else viewer.token
        answer = await self.service.ask(ANSWERS.replace("{tag}", self.tag), variables, token)
        assert "errors" not in answer, answer["errors"]
        own = {} if viewer is None else await viewer.ask(OWN)
        found: dict[str, Any] = answer["data"] | own
        return found

    async def all_answers(self) -> list[dict[str, Any]]:
        return [await self.seen_by(viewer) for viewer in (self.bob, self.carol, self.dave, None)]

    def tells_of_her(self, answer: Any) -> bool:
        """Whether an answer has her name, or one of her tweets."""
        hers = {self.alice.handle, self.alice.id, *[self.names[name] for name in ("hers", "reply", "quote")]}
        match answer:
            case dict():
                return any(self.tells_of_her(value) for value in answer.values())
            case list():
                return any(self.tells_of_her(value) for value in answer)
            case _:
                return answer in hers


async def town_of(service: Service) -> Town:
    town = Town(service, [await sign_up(service, name) for name in ("alice", "bob", "carol", "dave")])
    await town.live()
    return town


async def test_a_suspended_person_is_as_deleted_and_comes_back_to_the_count(shared_service: Service) -> None:
    town = await town_of(shared_service)
    before = await town.all_answers()
    assert all(map(town.tells_of_her, before))
    program = await scoped(town.alice, "READ")
    face = (await town.alice.act(FACE, input={"avatar": (await ready(town.alice, png()))["id"]}))["user"]["avatarUrl"]
    assert (await shared_service.http.get(face)).status_code == 200

    async with town.alice.socket() as socket, program.socket() as of_program:
        decision = await decide(shared_service.stores, town.alice, ModerationAction.SUSPEND, "Too loud.")
        assert await socket.closing() == 4401
        assert await of_program.closing() == 4401
    during = await town.all_answers()
    assert [town.tells_of_her(answers) for answers in during] == [False] * 4
    for seen in during:
        his = seen["his"]
        assert [his[f"{name}Count"] for name in ("like", "retweet", "reply", "quote")] == [0, 0, 0, 0]
        assert (his["author"]["followerCount"], his["author"]["followingCount"]) == (1, 1)
        assert (seen["node"], seen["user"], seen["hers"]) == (None, None, None)
        assert seen["answer"] == {"id": town.names["answer"], "inReplyTo": None, "ancestors": []}
    for token in (town.alice.token, program.token):
        assert codes(await shared_service.ask(HOME, token=token)) == ["UNAUTHENTICATED"]
    assert (await shared_service.http.get(face)).status_code == 404
    wanted = {"login": town.alice.handle, "password": PASSWORD}
    refused = (await shared_service.ask(LOGIN, {"input": wanted}))["data"]["login"]
    assert refused["tokens"] is None
    assert [error["code"] for error in refused["userErrors"]] == ["FORBIDDEN"]
    wrong = (await shared_service.ask(LOGIN, {"input": {**wanted, "password": "wrong"}}))["data"]["login"]
    assert [error["code"] for error in wrong["userErrors"]] == ["WRONG_CREDENTIALS"]
    for document in (FOLLOW, BLOCK.replace("{ code }", "{ code field }")):
        assert await town.dave.refused(document, id=town.alice.id) == [("NOT_FOUND", ["userId"])]

    await revoke(shared_service.stores, decision)
    assert await town.all_answers() == before
    assert (await shared_service.http.get(face)).status_code == 200
    assert (await (await signed_in_again(town.alice)).ask(ME))["viewer"]["user"]["handle"] == town.alice.handle
    assert (await program.ask(ME))["viewer"]["user"]["handle"] == town.alice.handle


async def test_what_was_done_to_a_suspended_person_is_undone_for_good(shared_service: Service) -> None:
    town = await town_of(shared_service)
    before = await town.all_answers()
    decision = await decide(shared_service.stores, town.alice, ModerationAction.SUSPEND)
    await shared_service.settle()
    assert (await town.bob.act(UNFOLLOW, id=town.alice.id))["user"] is None
    assert (await town.carol.act(UNBOOKMARK, id=town.names["hers"]))["tweet"] is None
    await revoke(shared_service.stores, decision)
    await shared_service.settle()
    after = await town.seen_by(town.bob)
    assert (after["node"]["followerCount"], after["his"]["author"]["followingCount"]) == (0, 1)
    assert (await town.seen_by(town.carol))["viewer"]["bookmarks"]["edges"] == []
    await town.bob.follow(town.alice)
    await town.carol.act(MARK, id=town.names["hers"])
    await town.bob.home()
    counts = [answers["node"]["followerCount"] for answers in (*before, *await town.all_answers())]
    assert set(counts) == {1}


async def test_strangers_see_a_limited_person_where_they_go_to_them(shared_service: Service) -> None:
    town = await town_of(shared_service)
    before = await town.all_answers()
    decision = await decide(shared_service.stores, town.alice, ModerationAction.LIMIT)
    of_bob, of_carol, of_dave, of_nobody = await town.all_answers()

    found = ("searchTweets", "people")
    assert {name: of for name, of in of_bob.items() if name not in found} == {
        name: of for name, of in before[0].items() if name not in found
    }
    for seen, was in ((of_carol, before[1]), (of_dave, before[2]), (of_nobody, before[3])):
        for name in ("node", "user", "hers", "answer"):
            assert seen[name] == was[name]
        for name in ("likeCount", "replyCount", "quoteCount", "likedBy", "retweetedBy"):
            assert seen["his"][name] == was["his"][name]
        parts = [seen["his"][name] for name in ("replies", "top", "quotes")] + [seen["his"]["author"]["likes"]]
        assert not any(map(town.tells_of_her, [*parts, seen["his"]["author"]["tweets"], seen["list"]["timeline"]]))
        assert not any(map(town.tells_of_her, [seen.get("homeTimeline"), seen.get("notifications"), seen["hashtag"]]))
    assert town.tells_of_her(of_carol["viewer"]["bookmarks"])
    for seen in (of_bob, of_carol, of_dave, of_nobody):
        assert not any(map(town.tells_of_her, [seen["searchTweets"], seen["people"]]))
        assert not town.tells_of_her(seen.get("viewer", {}).get("whoToFollow", []))

    await revoke(shared_service.stores, decision)
    assert await town.all_answers() == before


async def test_streams_are_told_of_a_suspension_and_of_its_end(shared_service: Service) -> None:
    town = await town_of(shared_service)
    await shared_service.settle()
    stores = shared_service.stores
    async with town.bob.socket() as home, town.carol.socket() as tagged, town.dave.socket() as updates:
        for socket, person in ((home, town.bob), (tagged, town.carol)):
            await socket.watch_home((await person.home())["headCursor"])
        await updates.subscribe(WATCH, ids=[town.names["hers"]])
        assert (await updates.event())["tweet"]["id"] == town.names["hers"]

        decision = await decide(stores, town.alice, ModerationAction.SUSPEND)
        for socket in (home, tagged):
            removed = await socket.event()
            assert removed["__typename"] == "TimelineItemRemoved"
        assert await updates.event() == {"isDeleted": False, "tweet": None}
        await shared_service.settle()
        left = {edge["node"]["id"] for edge in (await town.bob.home())["edges"]}
        assert not left & {town.names["hers"], town.names["reply"], town.names["quote"]}

        await revoke(stores, decision)

        async def is_reset() -> bool:
            return bool((await home.event())["__typename"] == "TimelineReset")

        await eventually(is_reset)
        back = await updates.event()
        assert (back["isDeleted"], back["tweet"]["id"]) == (False, town.names["hers"])
        await shared_service.settle()
