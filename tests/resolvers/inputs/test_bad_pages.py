"""Wrong page sizes, offsets and cursors for every list of the served SDL."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, get_named_type, is_required_argument

from tests.resolvers.graph.test_lists import CREATE
from tests.resolvers.samples import NOBODY, sample, schema_of, selection
from tests.support.people import HOME, Person, codes, sign_up
from tests.support.scenarios.moderators import sign_up_moderator
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True, slots=True)
class PagingArgument:
    """A field, requested by `document`, with its argument `name` as the variable $value."""

    path: str
    name: str
    document: str


def lists(schema: GraphQLSchema, person: Person, tweet: str, list_id: str) -> Iterator[PagingArgument]:
    """Every field that returns a page, with each of its paging arguments."""
    roots = {
        "Query": "%s",
        "User": f'user(handle: "{person.handle}") {{ %s }}',
        "Tweet": f'tweet(id: "{tweet}") {{ %s }}',
        "Viewer": "viewer { %s }",
        "List": f'list(id: "{list_id}") {{ %s }}',
        "Moderation": "moderation { %s }",
        "Hashtag": 'hashtag(name: "rooks") { %s }',
    }
    for kind in schema.type_map.values():
        if not isinstance(kind, GraphQLObjectType) or kind is schema.subscription_type:
            continue
        for name, field in kind.fields.items():
            for argument in {"first", "after", "before", "limit", "offset"} & set(field.args):
                document = _page_document(roots[kind.name], name, field, argument)
                yield PagingArgument(f"{kind.name}.{name}", argument, document.replace(NOBODY, person.id))


def _page_document(root: str, name: str, field: GraphQLField, argument: str) -> str:
    kind = field.args[argument].type
    others = {key: one for key, one in field.args.items() if is_required_argument(one) and key != argument}
    given = "".join(f", {key}: {json.dumps(sample(one.type))}" for key, one in others.items())
    asked = f"{name}({argument}: $value{given}){selection(get_named_type(field.type))}"
    return f"query($value: {kind}) {{ {root % asked} }}"


async def test_deprecated_page_by_offset_is_of_the_viewer_and_within_its_limits(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    document = "query($id: ID!, $offset: Int!) { getTweets(userId: $id, offset: $offset) { id } }"
    for offset in (-1, 801):
        assert await alice.failed(document, id=alice.id, offset=offset) == ["BAD_USER_INPUT"]
    assert await alice.failed(document, id=bob.id, offset=0) == ["FORBIDDEN"]
    assert codes(await shared_service.ask(document, {"id": alice.id, "offset": 0})) == ["UNAUTHENTICATED"]
    assert await alice.ask(document, id=alice.id, offset=800) == {"getTweets": []}


async def test_every_page_is_of_1_to_100(shared_service: Service) -> None:
    alice = await sign_up_moderator(shared_service)
    tweet = await alice.post("a tweet about #rooks")
    list_id = (await alice.act(CREATE, input={"name": "Birds"}))["list"]["id"]
    schema = await schema_of(shared_service)
    pagings = [paging for paging in lists(schema, alice, tweet, list_id) if paging.name in {"first", "limit"}]
    paths = {paging.path for paging in pagings}
    assert {"Query.homeTimeline", "User.tweets", "User.followers", "User.following"} <= paths
    for paging in pagings:
        for number in (0, -1, 101, 2**31 - 1, 2**31, 1.5, "20", True, None):
            found = await alice.failed(paging.document, value=number)
            assert (paging.path, number, found) == (paging.path, number, ["BAD_USER_INPUT"])
        assert await alice.ask(paging.document, value=1)
        assert await alice.ask(paging.document, value=100)


async def test_every_list_refuses_cursors_that_it_did_not_give(shared_service: Service) -> None:
    alice, bob = await sign_up_moderator(shared_service), await sign_up(shared_service, "bob")
    await bob.follow(alice)
    tweet = await alice.post("a tweet about #rooks")
    list_id = (await alice.act(CREATE, input={"name": "Birds"}))["list"]["id"]
    await shared_service.settle()
    page = await alice.home()
    cursors = {"Query.homeTimeline": page["edges"][0]["cursor"]}
    user = "query($handle: String!) { user(handle: $handle) { followers { edges { cursor } } } }"
    answer = await alice.ask(user, handle=alice.handle)
    cursors["User.followers"] = answer["user"]["followers"]["edges"][0]["cursor"]
    own = cursors["Query.homeTimeline"]
    tampered = [own[:-1] + ("A" if own[-1] != "A" else "B"), f"B{own[1:]}", own[:-1], own + "A", own + "=", own + " "]
    schema = await schema_of(shared_service)
    pagings = [paging for paging in lists(schema, alice, tweet, list_id) if paging.name in {"after", "before"}]
    assert {"Query.homeTimeline", "User.tweets", "User.followers", "User.following"} <= {
        paging.path for paging in pagings
    }
    for paging in pagings:
        foreign = [cursor for path, cursor in cursors.items() if path != paging.path]
        for cursor in ("", "x", "\0", "é", "x" * 10_000, page["headCursor"], *foreign, *tampered):
            found = await alice.failed(paging.document, value=cursor)
            assert (paging, cursor, found) == (paging, cursor, ["BAD_CURSOR"])


async def test_home_timeline_takes_one_cursor_at_a_time(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    await alice.post("one")
    await shared_service.settle()
    cursor = (await alice.home())["edges"][0]["cursor"]
    assert await alice.failed(HOME, first=1, after=cursor, before=cursor) == ["BAD_USER_INPUT"]
