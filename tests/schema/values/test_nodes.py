"""Global ids: one canonical text for each type and number or name."""

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadIdError
from core.ids import MAX_ID
from schema.values.nodes import NodeType, decode_global_id, decode_id, global_id, global_name

NUMBERED = [kind for kind in NodeType if kind not in {NodeType.HASHTAG, NodeType.PROMOTED_TWEET}]


def encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@given(st.sampled_from(NUMBERED), st.integers(0, MAX_ID))
def test_a_number_comes_back(kind: NodeType, number: int) -> None:
    text = global_id(kind, number)
    assert decode_id(text, kind) == number
    assert decode_global_id(text) == (kind, str(number))


@given(st.text(min_size=1, max_size=40))
def test_a_name_comes_back(name: str) -> None:
    assert decode_global_id(global_name(NodeType.HASHTAG, name)) == ("Hashtag", name)


def test_an_id_is_the_base64_of_type_and_number() -> None:
    assert global_id(NodeType.TWEET, 7) == encoded("Tweet:7") == "VHdlZXQ6Nw"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Tweet:7",
        "é",
        encoded("Tweet:"),
        encoded("Tweet"),
        encoded("Nothing:7"),
        encoded("tweet:7"),
        encoded("Tweet:07"),
        encoded("Tweet:+7"),
        encoded("Tweet:-7"),
        encoded("Tweet: 7"),
        encoded("Tweet:٧"),
        encoded(f"Tweet:{MAX_ID + 1}"),
        encoded("Tweet:" + "9" * 5_000),
        encoded("Tweet:7") + "=",
        encoded("Tweet:7") + "\n",
        encoded("Tweet:7")[:-1] + "x",
        urlsafe_b64encode(b"Tweet:\xff").decode().rstrip("="),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadIdError, match=r"This is no valid id\."):
        decode_global_id(text)


def test_the_id_of_another_type_is_refused_by_name() -> None:
    with pytest.raises(BadIdError, match=r"This is the id of a User, not of a Tweet\."):
        decode_id(global_id(NodeType.USER, 7), NodeType.TWEET)


@given(st.text(max_size=30))
def test_no_text_is_decoded_that_is_not_canonical(text: str) -> None:
    try:
        kind, name = decode_global_id(text)
    except BadIdError:
        return
    assert global_name(kind, name) == text
