"""Lines of Sentiment140: parsed fields, repaired texts, and reasons for bad lines."""

import csv
import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datastore.admin.importer.sentiment140 import SourceTweet, as_written, parse_tweet
from datastore.admin.importer.sources import BadLineError, read_lines
from tests.support.scenarios.real_data import TWEETS, needs_real_data, refuse

# 7 April 2009, 05:19:45 UTC.
MS = 1_239_081_585_000


def line_of(**columns: str) -> bytes:
    date, handle, text = "Mon Apr 06 22:19:45 PDT 2009", "alice", "hello"
    named = {"date": date, "handle": handle, "text": text, **columns}
    return f"0,1467810369,{named['date']},NO_QUERY,{named['handle']},{named['text']}\r\n".encode()


def test_line_is_a_tweet() -> None:
    assert parse_tweet(line_of(handle="Alice_1", text=" hello rooks  ")) == SourceTweet(MS, "Alice_1", " hello rooks  ")


def test_quoted_columns_are_one_each() -> None:
    line = b'"4","1","Mon Apr 06 22:19:45 PDT 2009","NO_QUERY","alice","one, ""two"" and three"\n'
    assert parse_tweet(line) == SourceTweet(MS, "alice", 'one, "two" and three')


@pytest.mark.parametrize(
    ("date", "ms"),
    [
        ("Mon Apr 06 22:19:45 PDT 2009", MS),
        ("Mon Apr 06 21:19:45 PST 2009", MS),
        ("Tue Apr 07 05:19:45 UTC 2009", MS),
        ("Tue Apr 07 05:19:45 GMT 2009", MS),
        ("Wed Feb 29 00:00:00 UTC 2012", 1_330_473_600_000),
    ],
)
def test_date_is_that_of_its_time_zone(date: str, ms: int) -> None:
    assert parse_tweet(line_of(date=date)).ms == ms


@pytest.mark.parametrize(
    ("read", "written"),
    [
        ("MuriÃ³", "Murió"),
        ("itâ€™s", "it’s"),
        ("â\x80\x9cquoted", "“quoted"),
        ("æ\x97¥æ\x9c¬", "日本"),
        ("ð\x9f\x98\x80", "😀"),
        ("ï¿½", "�"),
        ("Murió", "Murió"),
        ("日本", "日本"),
        ("lost: Ñ?Ð¿", "lost: Ñ?Ð¿"),
        ("Tom &amp; &quot;Jerry&quot; &lt;3 &#39;tis", 'Tom & "Jerry" <3 \'tis'),
        ("&amp;amp; once", "&amp; once"),
        ("Ã© &amp; caf&eacute;", "é & café"),
        ("AT&T &nosuch; R&D", "AT&T &nosuch; R&D"),
    ],
)
def test_text_comes_out_as_written(read: str, written: str) -> None:
    assert as_written(read) == written


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text_that_was_encoded_twice_and_escaped_is_restored(text: str) -> None:
    assert as_written(html.escape(text).encode().decode("latin-1")) == text


NO_DATE = "this is no date such as `Mon Apr 06 22:19:45 PDT 2009`: "


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"0,1,2\n", "it has 3 columns, not 6"),
        (line_of(text="one, two"), "it has 7 columns, not 6"),
        (line_of(text='"open'), "it is not CSV (unexpected end of data)"),
        (line_of(text='"a"b'), "it is not CSV (',' expected after '\"')"),
        (b"0,1,Mon Apr 06 22:19:45 PDT 2009,NO_QUERY,alice,caf\xe9\n", "it is not UTF-8"),
        (b"polarity,id,date,query,handle,text\n", NO_DATE + "'date'"),
        (line_of(date="Mon Apr 06 22:19:45 2009"), NO_DATE + "'Mon Apr 06 22:19:45 2009'"),
        (line_of(date="Mon Apr 06 22:19:45 CEST 2009"), NO_DATE + "'Mon Apr 06 22:19:45 CEST 2009'"),
        (line_of(date="Mon Apr 31 22:19:45 PDT 2009"), NO_DATE + "'Mon Apr 31 22:19:45 PDT 2009'"),
        (
            line_of(date="Sun Jan 01 00:00:00 UTC 2006"),
            "this date lies before 2006 or in the future: 'Sun Jan 01 00:00:00 UTC 2006'",
        ),
        (
            line_of(date="Mon Apr 06 22:19:45 PDT 2999"),
            "this date lies before 2006 or in the future: 'Mon Apr 06 22:19:45 PDT 2999'",
        ),
        (line_of(handle="al-ice"), "A handle has letters, digits and underscores only."),
        (line_of(handle=""), "A handle has letters, digits and underscores only."),
        (line_of(handle="a" * 16), "It has 15 characters at most."),
        (line_of(text="  "), "A tweet needs text."),
        (line_of(text="a" * 281), "A tweet weighs 280 characters at most, this one 281."),
        (line_of(text="a\0b"), "There is a character in it that no text may have."),
    ],
)
def test_bad_line_is_refused_with_the_reason(line: bytes, reason: str) -> None:
    with pytest.raises(BadLineError) as refused:
        parse_tweet(line)
    assert str(refused.value) == reason


@needs_real_data
def test_all_of_the_real_file_is_taken_and_its_broken_texts_repaired() -> None:
    tweets = list(read_lines(TWEETS, parse_tweet, refuse))
    assert len(tweets) == 10_001
    with TWEETS.open(encoding="utf-8", newline="") as file:
        texts = [columns[5] for columns in csv.reader(file)]
    broken = [text for text in texts if not text.isascii()]
    assert len(broken) == 100
    assert sum(as_written(text) == html.unescape(text) for text in broken) == 8, "those that lost bytes for good"
    assert sum(tweet.text != text for tweet, text in zip(tweets, texts, strict=True)) == 681
