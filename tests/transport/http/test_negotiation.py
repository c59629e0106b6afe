"""Content negotiation: the choice among accepted types."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transport.http.negotiation import Accepted, Choice, Media

APOLLO_SUBSCRIPTION = 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0",application/json'
URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)


def media(choice: Choice | None) -> Media | None:
    return choice.media if choice else None


@pytest.mark.parametrize(
    ("accept", "single", "several"),
    [
        (None, Media.JSON, Media.EVENT_STREAM),
        ("", Media.JSON, Media.EVENT_STREAM),
        ("*/*", Media.JSON, Media.EVENT_STREAM),
        (URQL, Media.RESPONSE_JSON, Media.EVENT_STREAM),
        (APOLLO_SUBSCRIPTION, Media.JSON, Media.MULTIPART),
        ("text/event-stream", Media.EVENT_STREAM, Media.EVENT_STREAM),
        ("multipart/mixed", Media.MULTIPART, Media.MULTIPART),
        ("text/event-stream, application/json", Media.EVENT_STREAM, Media.EVENT_STREAM),
        ("text/event-stream;q=0.4, multipart/mixed;q=0.5, */*;q=0.1", Media.EVENT_STREAM, Media.MULTIPART),
        ("application/json", Media.JSON, None),
        ("text/*", Media.EVENT_STREAM, Media.EVENT_STREAM),
        ("text/plain", None, None),
        ("TEXT/EVENT-STREAM ; Q=1", Media.EVENT_STREAM, Media.EVENT_STREAM),
        ("application/json;q=high", None, None),
        ('text/plain;a=",application/json,"', None, None),
        (",;,", None, None),
    ],
)
def test_the_best_served_and_accepted_type_is_chosen(
    accept: str | None, single: Media | None, several: Media | None
) -> None:
    accepted = Accepted(accept)
    assert (media(accepted.single()), media(accepted.several())) == (single, several)


def test_the_closest_range_decides_not_the_first() -> None:
    accepted = Accepted("*/*;q=1, application/*;q=0.2, application/json;q=0.9, text/event-stream;q=0")
    assert media(accepted.single()) is Media.JSON
    assert media(accepted.several()) is Media.MULTIPART


def test_parameters_are_those_of_the_range_that_was_chosen() -> None:
    choice = Accepted(APOLLO_SUBSCRIPTION).several()
    assert choice == Choice(Media.MULTIPART, {"boundary": "graphql", "subscriptionspec": "1.0"}, is_named=True)


@pytest.mark.parametrize(
    ("accept", "prefers"),
    [("text/html,application/xml;q=0.9,*/*;q=0.8", True), ("*/*", False), ("application/json, text/html", False)],
)
def test_a_browser_is_recognised_by_its_best_type(accept: str, *, prefers: bool) -> None:
    assert Accepted(accept).prefers_html() is prefers


@given(
    st.text(alphabet=st.characters(max_codepoint=127))
    | st.lists(st.sampled_from([*',;="/*', "q", "0.5", *Media])).map("".join)
)
def test_no_header_is_too_strange(accept: str) -> None:
    choice = Accepted(accept).single()
    assert choice is None or choice.media in set(Media) - {Media.HTML}
