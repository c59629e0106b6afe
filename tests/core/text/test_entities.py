"""Mentions and hashtags, their overlap with links, and properties of every text."""

import csv
import html
import os
import time
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.entities import Entities, HashtagEntity, Mention, Url, extract_entities, is_tag

REAL_TWEETS = Path(os.environ.get("ROOKERY_REAL_DATA", "../shared/data")) / "tweets-2009.csv"

# Pieces that compose entities, and pieces that end or forbid them.
PIECES = [
    *("@", "\uff20", "#", "\uff03", "$", "&", "_", "-", ".", "/", ":", "://", "(", ")", "?", "!", ",", "'", " ", "\n"),
    *("alice", "bob", "RT", "rt:", "x" * 21, "7", "42", "com", "t.co/", "co.jp", "http://", "HTTPS://", "xn--p1ai"),
    *("é", "Ñ", "ł", "\u0301", "日本", "みんな", "рф", "한국", "हिन्दी", "ไทย", "עַל", "می\u200cخواهم", "·", "・"),
    *("²", "Ⅷ", "❤\ufe0f", "1\ufe0f\u20e3", "👩\u200d🚀", "🇩🇪", "\u2013", "…", "“", "\u200d", "\ufe0f", "\ufeff"),
]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=20).map("".join)).map(
    lambda text: unicodedata.normalize("NFC", text)
)


def handles(text: str) -> list[str]:
    return [mention.handle for mention in extract_entities(text).mentions]


def tags(text: str) -> list[str]:
    return [hashtag.tag for hashtag in extract_entities(text).hashtags]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("@alice are you there", ["alice"], id="at the start"),
        pytest.param("are you there @alice", ["alice"], id="at the end"),
        pytest.param("thanks @alice, @bob and @carol.", ["alice", "bob", "carol"], id="several, punctuation after"),
        pytest.param("@Alice_99 @_ @7", ["Alice_99", "_", "7"], id="digits and underscores, case kept"),
        pytest.param("(@alice) [@bob] “@carol”", ["alice", "bob", "carol"], id="in brackets and quotes"),
        pytest.param("-@alice .@bob /@carol +@dave", ["alice", "bob", "carol", "dave"], id="after harmless signs"),
        pytest.param("今日は@aliceと会う", ["alice"], id="between Japanese letters"),
        pytest.param("\uff20alice hello", ["alice"], id="fullwidth sign"),
        pytest.param("@alice\n@bob\t@carol", ["alice", "bob", "carol"], id="lines and tabs"),
        pytest.param("@alice's turn, @bob-like", ["alice", "bob"], id="apostrophe and dash after"),
        pytest.param("é@alice", ["alice"], id="after an accented letter"),
        pytest.param("RT @alice RT@bob rt:@carol (Rt@dave", ["alice", "bob", "carol", "dave"], id="retweet marks"),
    ],
)
def test_a_handle_after_a_sign_is_a_mention(text: str, expected: list[str]) -> None:
    assert handles(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("write to alice@example.com", id="e-mail address"),
        pytest.param("alice@bob 5@bob _@bob", id="after a letter, digit, underscore"),
        pytest.param("!@bob #@bob $@bob %@bob &@bob *@bob @@bob \uff20@bob", id="after signs that forbid it"),
        pytest.param("@alice@bob", id="two in one"),
        pytest.param("@aliceé @bobñ", id="before an accented letter"),
        pytest.param("@http://example.com", id="a scheme"),
        pytest.param("@ alice @日本 @-", id="no handle characters"),
        pytest.param("@alice/friends", id="a list"),
        pytest.param("start@alice xrt@bob", id="no retweet mark of its own"),
        pytest.param("", id="nothing"),
    ],
)
def test_no_mention(text: str) -> None:
    assert handles(text) == []


def test_what_looks_like_a_list_but_is_none_leaves_the_mention() -> None:
    assert extract_entities("@alice/2nd @bob/ @carol/-x").mentions == (
        Mention("alice", 0, 6),
        Mention("bob", 11, 15),
        Mention("carol", 17, 23),
    )


def test_too_long_a_handle_never_mentions_the_owner_of_its_first_fifteen_characters() -> None:
    assert extract_entities("@" + "a" * 30).mentions == (Mention("a" * 20, 0, 21),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("#sunday is #SunDay", ["sunday", "SunDay"], id="letters, case kept"),
        pytest.param("#2nd #c3po #snake_case #_x", ["2nd", "c3po", "snake_case", "_x"], id="digits and underscores"),
        pytest.param("(#a) .#b !#c “#d” -#e /#f @#g", ["a", "b", "c", "d", "e", "f", "g"], id="after signs"),
        pytest.param("#a, #b. #c! #d's #e-mail", ["a", "b", "c", "d", "e"], id="before signs"),
        pytest.param("\uff03夏休み ＃Ｓｕｎ", ["夏休み", "Ｓｕｎ"], id="fullwidth sign and letters"),
        pytest.param("#год #naïve #ημέρα #Iğdır", ["год", "naïve", "ημέρα", "Iğdır"], id="European scripts"),
        pytest.param("#वर्षा #மழை #বৃষ্টি", ["वर्षा", "மழை", "বৃষ্টি"], id="Indic scripts with vowel signs"),
        pytest.param("#ฝนตก #ភ្លៀង #ဘာသာ", ["ฝนตก", "ភ្លៀង", "ဘာသာ"], id="South-East Asian scripts"),
        pytest.param("#مطر #בּוֹקֶר #باران‌ها", ["مطر", "בּוֹקֶר", "باران\u200cها"], id="scripts from right to left"),
        pytest.param("#雨 #あめ #アメ #비 #ｱﾒ", ["雨", "あめ", "アメ", "비", "ｱﾒ"], id="East Asian scripts"),
        pytest.param("#१२ग #٣س #5月", ["१२ग", "٣س", "5月"], id="digits of other scripts"),
        pytest.param("#col·lecció #ראש־השנה #ラーメン・丼", ["col·lecció", "ראש־השנה", "ラーメン・丼"], id="joiners"),
        pytest.param("#a\u0301\u0323 #𠀋 #𐐀", ["a\u0301\u0323", "𠀋", "𐐀"], id="bare marks, astral letters"),
        pytest.param("❤#a ❤\ufe0f#b 👩\u200d🚀#c", ["a", "b", "c"], id="after emoji"),
        pytest.param("##a ²#b ㊗#c", ["a", "b", "c"], id="after what is no letter"),
        pytest.param("#a²", ["a"], id="ends before a superscript"),
        pytest.param("$#cash %#rate", ["cash", "rate"], id="after signs of money and rates"),
    ],
)
def test_letters_after_a_sign_are_a_hashtag(text: str, expected: list[str]) -> None:
    assert tags(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("we are #1 of #42, #7_7, #١٢", id="no letter"),
        pytest.param("a#b 1#b _#b é#b 雨#b ไ#b ·#b", id="after a letter, digit, mark, joiner"),
        pytest.param("&#b &#39; &#x27;", id="a character reference"),
        pytest.param("#a#b", id="two in one"),
        pytest.param("#http://example.com #https://example.com", id="a scheme"),
        pytest.param("# a #! #@alice #-", id="no tag characters"),
        pytest.param("#\ufe0f\u20e3 #\u20e3", id="the keycap emoji"),
        pytest.param("#〃 #· #・", id="joiners alone"),
        pytest.param("see example.com/#top", id="within a link"),
    ],
)
def test_no_hashtag(text: str) -> None:
    assert tags(text) == []


def test_offsets_count_code_points() -> None:
    assert extract_entities("👩\u200d🚀 #mars with @alice: example.com/🚀") == Entities(
        mentions=(Mention("alice", 15, 21),),
        hashtags=(HashtagEntity("mars", 4, 9),),
        urls=(Url("example.com/", 23, 35),),
    )


def test_a_link_swallows_what_looks_like_a_mention_or_a_hashtag_in_it() -> None:
    text = "https://example.com/@alice/#top and #top by @alice"
    assert extract_entities(text) == Entities(
        mentions=(Mention("alice", 44, 50),),
        hashtags=(HashtagEntity("top", 36, 40),),
        urls=(Url("https://example.com/@alice/#top", 0, 31),),
    )


def test_a_mention_may_follow_a_link_without_a_gap() -> None:
    assert extract_entities("example.org/\uff20alice") == Entities(
        mentions=(Mention("alice", 12, 18),), urls=(Url("example.org/", 0, 12),)
    )


def test_a_hashtag_that_begins_before_a_host_keeps_its_letters() -> None:
    assert extract_entities("#雨example.com") == Entities(hashtags=(HashtagEntity("雨example", 0, 9),))


def test_a_text_without_signs_and_dots_has_no_entities() -> None:
    assert extract_entities("nothing to see here") == Entities()


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("sunday", True), ("2nd", True), ("雨", True), ("42", False), ("", False), ("two words", False), ("#a", False)],
)
def test_a_tag_is_judged_by_the_rules_of_extraction(tag: str, expected: bool) -> None:
    assert is_tag(tag) is expected


@given(TEXTS)
def test_offsets_slice_back_to_what_was_found(text: str) -> None:
    entities = extract_entities(text)
    for mention in entities.mentions:
        assert text[mention.start] in "@\uff20"
        assert text[mention.start + 1 : mention.end] == mention.handle
    for hashtag in entities.hashtags:
        assert text[hashtag.start] in "#\uff03"
        assert text[hashtag.start + 1 : hashtag.end] == hashtag.tag
        assert is_tag(hashtag.tag)
    for url in entities.urls:
        assert text[url.start : url.end] == url.url
        assert "." in url.url


@given(TEXTS)
def test_entities_stand_in_order_and_apart(text: str) -> None:
    entities = extract_entities(text)
    spans = {
        kind: [(entity.start, entity.end) for entity in found]
        for kind, found in (("@", entities.mentions), ("#", entities.hashtags), ("url", entities.urls))
    }
    assert all(of_kind == sorted(of_kind) for of_kind in spans.values())
    in_text = sorted(span for of_kind in spans.values() for span in of_kind)
    assert all(end <= start for (_, end), (start, _) in pairwise(in_text))


@given(TEXTS, st.sampled_from(["@alice", "#rain", "example.com/a?b=c"]))
def test_an_entity_with_space_around_it_is_found_in_any_text(text: str, written: str) -> None:
    entities = extract_entities(f"{text} {written} {text}")
    found = {
        *(f"@{mention.handle}" for mention in entities.mentions),
        *(f"#{hashtag.tag}" for hashtag in entities.hashtags),
        *(url.url for url in entities.urls),
    }
    assert written in found


@pytest.mark.parametrize(
    "unit",
    [
        *("@", "@a", "@a/", "@a@", "rt@a", "#", "#1", "#a#", "\u0301", "\ufe0f#", "a", "a.", "a-", "a_", "..a", "é."),
        *(
            "http://",
            "http://a",
            "http://a.",
            "http://雨.",
            "雨.",
            "a.com",
            "a.com ",
            "a.com/(",
            "a.com/((a)",
            "a.com/.",
        ),
        *("a.com?", "a.com?!", "a.com:1", "t.co/a?", "xn--a.", "http://xn--", "a.みんな", "#雨a.com ", "(", "\u200d"),
    ],
)
def test_a_hundred_thousand_hostile_characters_are_done_at_once(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    began = time.thread_time()
    extract_entities(text)
    # A tenth of a second on an idle machine; quadratic work would take minutes.
    assert time.thread_time() - began < 5


@pytest.mark.skipif(not REAL_TWEETS.exists(), reason="the real tweets are not here")
def test_ten_thousand_real_tweets_hold_what_twitter_text_finds_in_them() -> None:
    with REAL_TWEETS.open(encoding="utf-8", newline="") as file:
        found = [extract_entities(unicodedata.normalize("NFC", html.unescape(row[5]))) for row in csv.reader(file)]
    assert len(found) == 10_001
    assert sum(len(entities.mentions) for entities in found) == 4_986
    assert sum(len(entities.hashtags) for entities in found) == 257
    assert sum(len(entities.urls) for entities in found) == 537
