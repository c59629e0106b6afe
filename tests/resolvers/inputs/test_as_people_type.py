"""Texts as people and their programs type them, through the API: each input beside the answer that they mean.

Each table begins with inputs that people reported of this or other systems; the others were tried beside them.
"""

import pytest

from tests.support.people import PASSWORD, Person, sign_up
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

OWN_DATABASE = True
SEARCH = "query($query: String!) { searchTweets(query: $query) { edges { node { text } } } }"
PEOPLE = "query($query: String!) { searchUsers(query: $query) { edges { node { name } } } }"
USER = "query($handle: String!) { user(handle: $handle) { handle } }"
MUTE = "mutation($words: [String!]!) { setMutedWords(words: $words) { userErrors { code field } } }"
RENAME = "mutation($name: String!) { updateProfile(input: {name: $name}) { user { name } userErrors { code field } } }"
BIO = "mutation($bio: String!) { updateProfile(input: {bio: $bio}) { user { bio } userErrors { code } } }"
POST = """mutation($text: String!) {
  postTweet(input: {text: $text}) { tweet { text entities { urls { url } } } userErrors { code field } } }"""
LOGIN = """mutation($login: String!, $password: String!) {
  login(input: {login: $login, password: $password}) { viewer { user { handle } } userErrors { code } } }"""

POSTED = (
    *("Đà Nẵng", "Łódź", "Sørensen", "مُحَمَّد", "שָׁלוֹם", "brave new world", "a brave world", "rare dog", "rare cat"),
    *("Straße", "İstanbul", "كـــتاب", "Ηράκλειο", "ﬁnally", "Żółć", "ＡＢＣ"),
)
FOUND = {
    "da nang": ["Đà Nẵng"],
    "lodz": ["Łódź"],
    "sorensen": ["Sørensen"],
    "محمد": ["مُحَمَّد"],
    "שלום": ["שָׁלוֹם"],
    "“brave world”": ["a brave world"],
    "„brave world“": ["a brave world"],
    "«brave world»": ["a brave world"],
    "–brave world": ["a brave world", "brave new world"],
    "−brave world": ["a brave world", "brave new world"],
    "from:me (dog OR cat) rare": ["rare cat", "rare dog"],
    "brave AND world": ["a brave world", "brave new world"],
    # Tried beside them.
    "strasse": ["Straße"],
    "ISTANBUL": ["İstanbul"],
    "كتاب": ["كـــتاب"],
    "ηρακλειο": ["Ηράκλειο"],
    "finally": ["ﬁnally"],
    "zolc": ["Żółć"],
    "abc": ["ＡＢＣ"],
    "‘brave world’": ["a brave world"],
    "「brave world」": ["a brave world"],
    "-“brave world” brave": ["brave new world"],
    "➖brave new": ["brave new world"],
    "((dog) OR (cat)) AND rare -cat": ["rare dog"],
    "rare (dog OR (cat AND rare))": ["rare cat", "rare dog"],
}
REFUSED = {"x NOT y": "NOT", "-": '"-"', "x - y": '"-"', "NOT": "NOT", "x AND": "AND", "(x": "parenthesis"}
NAMED = {
    "lukasz": "Łukasz Nowak",
    "duc": "Nguyễn Đức",
    "soren": "Søren",
    "fatih": "FATİH",
    "αθηνα": "Ἀθηνᾶ",
    "noel": "Noël",
}
MUTED = {
    "猫": "私の猫です",
    "東京": "東京タワーへ",
    "แมว": "ฉันรักแมว",
    "iphone": "iPhoneを買う",
    "C++": "I write C++!",
    "C#": "C#, again",
    "and/or": "rain and/or sun",
    # Tried beside them.
    "ラーメン": "味噌ラーメン食べた",
    "24/7": "open 24/7",
    "node.js": "I like Node.js.",
    "ລາວ": "ຂ້ອຍຮັກລາວ",
}
SHOWN = ("vitamin c helps", "rain and or sun", "c++17 and c", "open 24 7", "node js", "한국은")
BLANK = (
    *("\u200b", "\u2060", "\u3164", "\u2800", "\u180e"),
    *("\u034f\ufe0f", "\u00ad \u200d", "\ufff9", "\U000e0041", "\uffa0", "\u202e\u202c"),
)
LINES = {
    "a" * 278 + "\r\nb": "a" * 278 + "\nb",
    "one\rtwo": "one\ntwo",
    "\r\n\r\nthree\r\n": "\n\nthree\n",
    "four\n\r\nfive": "four\n\nfive",
}


async def test_searches_find_what_people_mean(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    for text in POSTED:
        await alice.post(text)
    for query, expected in FOUND.items():
        found = (await alice.ask(SEARCH, query=query.replace("from:me", f"from:{alice.handle}")))["searchTweets"]
        assert (query, [edge["node"]["text"] for edge in found["edges"]]) == (query, expected)
    for query, named in REFUSED.items():
        (error,) = (await shared_service.ask(SEARCH, {"query": query}, alice.token))["errors"]
        assert (query, error["extensions"]["code"], named in error["message"]) == (query, "BAD_USER_INPUT", True)


async def test_people_are_found_by_plain_letters(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    for typed, name in NAMED.items():
        person = await sign_up(shared_service, "someone")
        await person.act(RENAME, name=name)
        found = (await alice.ask(PEOPLE, query=typed))["searchUsers"]["edges"]
        assert (typed, [edge["node"]["name"] for edge in found]) == (typed, [name])


async def test_muted_words_hide_what_they_are_and_nothing_else(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    await alice.follow(bob)
    for text in (*MUTED.values(), *SHOWN):
        await bob.post(text)
    await shared_service.settle()
    await alice.act(MUTE, words=list(MUTED))
    await eventually(lambda: is_home(alice, SHOWN[::-1]))
    for entry in ("++", "😀", "/", "\u200b"):
        assert (await alice.refused(MUTE, words=[entry]))[0][0] == "INVALID"


async def is_home(person: Person, texts: tuple[str, ...]) -> bool:
    return await person.home_texts() == list(texts)


async def test_what_shows_nothing_is_no_name_and_no_tweet(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    for text in BLANK:
        assert (text, await alice.refused(RENAME, name=text)) == (text, [("INVALID", ["input", "name"])])
        assert (text, await alice.refused(POST, text=text)) == (text, [("INVALID", ["input", "text"])])


async def test_lines_end_in_one_way_and_weigh_once(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    for typed, kept in LINES.items():
        assert (await alice.act(POST, text=typed))["tweet"]["text"] == kept
    assert (await alice.act(BIO, bio="one\r\ntwo"))["user"]["bio"] == "one\ntwo"


async def test_links_are_those_of_twitter_text(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    for text, links in {
        "sub_domain.example.com": ["domain.example.com"],
        "see a_b.c_d.example.com/x_y, and b.co_d.example.org": ["d.example.com/x_y", "b.co", "d.example.org"],
        "https://sub_domain.example.com": ["https://sub_domain.example.com"],
        "a_b.org _c.example.org": [],
    }.items():
        tweet = (await alice.act(POST, text=text))["tweet"]
        assert (text, [link["url"] for link in tweet["entities"]["urls"]]) == (text, links)
    assert (await alice.act(POST, text="a" * 252 + " sub_domain.example.com"))["tweet"]
    assert await alice.refused(POST, text="a" * 253 + " sub_domain.example.com") == [("TOO_LONG", ["input", "text"])]


async def test_handles_are_typed_with_an_at_sign_and_white_space(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    for typed in ("@{}", "{}", " @{} ", "＠{}", "@{} ".upper()):
        handle = typed.format(alice.handle)
        assert (await alice.ask(USER, handle=handle))["user"] == {"handle": alice.handle}
        answer = await shared_service.ask(LOGIN, {"login": handle, "password": PASSWORD})
        assert answer["data"]["login"]["userErrors"] == []
    assert (await alice.ask(USER, handle="@@" + alice.handle))["user"] is None
