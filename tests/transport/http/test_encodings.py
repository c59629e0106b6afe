"""Encodings of several answers: exact bytes."""

import pytest

from transport.execution.answers import Answer, Encoded
from transport.http.encodings import EventStream, Multipart, MultipartSubscription, encoding_for
from transport.http.negotiation import Choice, MediaType

ANSWER: Answer = {"data": {"n": 1}}
TEXT = b'{"data":{"n":1}}'
TYPE = b"\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"


def test_an_event_stream_frames_each_answer_and_the_end() -> None:
    encoding = EventStream()
    assert encoding.answer(ANSWER) == b"event: next\ndata: " + TEXT + b"\n\n"
    assert encoding.answer(Encoded(TEXT)) == encoding.answer(ANSWER) == encoding.failure(ANSWER)
    assert (encoding.opening, encoding.heartbeat, encoding.closing) == (
        b":\n\n",
        b":\n\n",
        b"event: complete\ndata: \n\n",
    )


def test_each_part_of_a_multipart_ends_with_the_boundary() -> None:
    encoding = Multipart("-")
    assert encoding.opening == b"---"
    assert encoding.answer(ANSWER) == TYPE + TEXT + b"\r\n---"
    assert encoding.heartbeat == TYPE + b"{}\r\n---"
    assert encoding.failure({"errors": []}) == TYPE + b'{"errors":[],"hasNext":false}\r\n---'
    assert encoding.closing == b"--\r\n"
    assert encoding.headers["content-type"] == 'multipart/mixed; boundary="-"'


def test_a_multipart_subscription_wraps_answers_as_payload() -> None:
    encoding = MultipartSubscription()
    assert encoding.answer(ANSWER) == TYPE + b'{"payload":' + TEXT + b"}\r\n--graphql"
    assert encoding.failure({"errors": []}) == TYPE + b'{"payload":null,"errors":[]}\r\n--graphql'
    assert encoding.headers["content-type"] == 'multipart/mixed; boundary="graphql";subscriptionSpec="1.0"'


@pytest.mark.parametrize(
    ("choice", "encoding"),
    [
        (Choice(MediaType.EVENT_STREAM), EventStream),
        (Choice(MediaType.MULTIPART), Multipart),
        (Choice(MediaType.MULTIPART, {"subscriptionspec": "1.0"}), MultipartSubscription),
    ],
)
def test_the_choice_decides_the_encoding(choice: Choice, encoding: type[object]) -> None:
    assert type(encoding_for(choice)) is encoding
