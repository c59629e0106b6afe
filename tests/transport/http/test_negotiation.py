"""Content negotiation: the choice among accepted types."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transport.http.negotiation import Accepted, Choice, MediaType

APOLLO_SUBSCRIPTION = 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0",application/json'
URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)


def media(choice: Choice | None) -> MediaType | None:
    return choice.media if choice else None


@pytest.mark.parametrize(
    ("accept", "single", "several"),
    [
        (None, MediaType.JSON, MediaType.EVENT_STREAM),
        ("", MediaType.JSON, MediaType.EVENT_STREAM),
        ("*/*", MediaType.JSON, MediaType.EVENT_STREAM),
        (URQL, MediaType.RESPONSE_JSON, MediaType.EVENT_STREAM),
        (APOLLO_SUBSCRIPTION, MediaType.JSON, MediaType.MULTIPART),
        ("text/event-stream", MediaType.EVENT_STREAM, MediaType.EVENT_STREAM),
        ("multipart/mixed", MediaType.MULTIPART, MediaType.MULTIPART),
        ("text/event-stream, application/json", MediaType.EVENT_STREAM, MediaType.EVENT_STREAM),
        ("text/event-stream;q=0.4, multipart/mixed;q=0.5, */*;q=0.1", MediaType.EVENT_STREAM, MediaType.MULTIPART),
        ("application/json", MediaType.JSON, None),
        ("text/*", MediaType.EVENT_STREAM, MediaType.EVENT_STREAM),
        ("text/plain", None, None),
        ("TEXT/EVENT-STREAM ; Q=1", MediaType.EVENT_STREAM, MediaType.EVENT_STREAM),
        ("application/json;q=high", None, None),
        ('text/plain;a=",application/json,"', None, None),
        (",;,", None, None),
    ],
)
def test_the_best_served_and_accepted_type_is_chosen(
    accept: str | None, single: MediaType | None, several: MediaType | None
) -> None:
    accepted = Accepted(accept)
    assert (media(accepted.single()), media(accepted.several())) == (single, several)


def test_the_closest_range_decides_not_the_first() -> None:
    accepted = Accepted("*/*;q=1, application/*;q=0.2, application/json;q=0.9, text/event-stream;q=0")
    assert media(accepted.single()) is MediaType.JSON
    assert media(accepted.several()) is MediaType.MULTIPART


def test_parameters_are_those_of_the_range_that_was_chosen() -> None:
    choice = Accepted(APOLLO_SUBSCRIPTION).several()
    assert choice == Choice(MediaType.MULTIPART, {"boundary": "graphql", "subscriptionspec": "1.0"}, is_named=True)


@pytest.mark.parametrize(
    ("accept", "prefers"),
    [("text/html,application/xml;q=0.9,*/*;q=0.8", True), ("*/*", False), ("application/json, text/html", False)],
)
def test_a_browser_is_recognised_by_its_best_type(accept: str, *, prefers: bool) -> None:
    assert Accepted(accept).prefers_html() is prefers


@given(
    st.text(alphabet=st.characters(max_codepoint=127))
    | st.lists(st.sampled_from([*',;="/*', "q", "0.5", *MediaType])).map("".join)
)
def test_no_header_is_too_strange(accept: str) -> None:
    choice = Accepted(accept).single()
    assert choice is None or choice.media in set(MediaType) - {MediaType.HTML}
