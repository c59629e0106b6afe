"""Acts of the package show at once, stay where the server did them, and are taken back where it refused."""

import asyncio
import base64
import re
from asyncio.subprocess import PIPE
from collections.abc import Mapping, Sequence

import pytest

from tests.clients.proxy import proxied
from tests.clients.story import LIKE, WITHIN
from tests.clients.typescript.packed import SOURCE, Packed, Program
from tests.support.people import PASSWORD, sign_up
from tests.support.pictures import png
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

READER = """mutation($input: CreateAccessTokenInput!) { createAccessToken(input: $input) {
  secret userErrors { message } } }"""


async def test_acts_of_one_tab_show_at_once_and_in_the_other(package: Packed, shared_service: Service) -> None:
    alice, bob = [await sign_up(shared_service, name) for name in ("alice", "bob")]
    await alice.follow(bob)
    tweet = await bob.post("like me")
    await shared_service.settle()
    async with proxied(shared_service) as proxy:
        arguments = (proxy.address, alice.handle, PASSWORD, "sockets", "sockets")
        async with package.running("follow.mjs", *arguments) as program:
            for tab in (0, 1):
                await eventually(lambda tab=tab: program.ask("items", tab=tab), WITHIN)  # type: ignore[misc]
            proxy.lose_next_answer()
            assert await program.ask("like", tab=0, id=tweet) == {"likeCount": 1, "viewerHasLiked": True}
            assert await program.ask("outcome") == "done"
            assert await program.ask("marks", tab=0, id=tweet) == {"likeCount": 1, "viewerHasLiked": True}
            await program.ask("updates", tab=1, id=tweet)
            await bob.act(LIKE, id=tweet)
            both = {"likeCount": 2, "viewerHasLiked": True}
            await eventually(lambda: is_marked(program, 1, tweet, both), WITHIN)

            assert await program.ask("ask", tab=0) == alice.handle
            proxy.lose_next_answer()
            first = await program.ask("post", tab=0, text="mine")
            assert first == {"isPending": True, "text": "mine"}
            assert await program.ask("outcome") == "done"
            assert proxy.lost_answers == 2
            shown = [{"isPending": False, "text": text} for text in ("mine", "like me")]
            for tab in (0, 1):
                await eventually(lambda tab=tab: is_shown(program, tab, shown), WITHIN)  # type: ignore[misc]
            assert await program.ask("twice") == 0
            await shared_service.settle()
            assert await alice.home_texts() == ["mine", "like me"]

            picture = await program.ask("upload", tab=0, base64=base64.b64encode(png()).decode())
            assert picture == {"first": 0, "last": 1, "state": "READY", "altText": "red", "variants": True}


async def test_refused_acts_leave_nothing_behind(package: Packed, shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    tweet = await alice.post("like me")
    await shared_service.settle()
    wanted = {"name": "reader", "scopes": ["READ"], "password": PASSWORD}
    token = (await alice.act(READER, input=wanted))["secret"]
    address = f"{shared_service.url}/graphql"
    async with package.running("follow.mjs", address, "token", token, "events") as program:
        await eventually(lambda: program.ask("items", tab=0), WITHIN)
        assert await program.ask("like", tab=0, id=tweet) == {"likeCount": 1, "viewerHasLiked": True}
        assert await program.ask("outcome") == "FORBIDDEN"
        assert await program.ask("marks", tab=0, id=tweet) == {"likeCount": 0, "viewerHasLiked": False}
        assert await program.ask("post", tab=0, text="mine") == {"isPending": True, "text": "mine"}
        assert await program.ask("outcome") == "FORBIDDEN"
        assert await program.ask("words", tab=0) == [{"isPending": False, "text": "like me"}]


async def test_the_five_lines_follow_a_timeline(package: Packed, shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    await alice.post("before")
    await shared_service.settle()
    (text,) = re.findall(r"^```js\n(.*?)^```$", (SOURCE / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    for written, meant in (
        ("http://127.0.0.1:8000", shared_service.url),
        ("'demo', 'rookery-demo'", f"'{alice.handle}', '{PASSWORD}'"),
    ):
        assert written in text
        text = text.replace(written, meant)
    (package.folder / "five.mjs").write_text(text)
    process = await asyncio.create_subprocess_exec("node", "five.mjs", cwd=package.folder, stdout=PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(WITHIN):
            assert await process.stdout.readline() == b"[ 'before' ]\n"
            await alice.post("live")
            assert await process.stdout.readline() == b"[ 'live', 'before' ]\n"
    finally:
        process.kill()
        await process.wait()


async def is_marked(program: Program, tab: int, tweet: str, expected: Mapping[str, object]) -> bool:
    return bool(await program.ask("marks", tab=tab, id=tweet) == expected)


async def is_shown(program: Program, tab: int, expected: Sequence[Mapping[str, object]]) -> bool:
    return bool(await program.ask("words", tab=tab) == expected)
