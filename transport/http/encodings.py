"""Encodings of several answers in one HTTP response: server-sent events, or parts of a multipart body."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from transport.execution.answers import Answer, Encoded
from transport.http.negotiation import Choice, MediaType

SUBSCRIPTION_BOUNDARY = "graphql"
PARTS_BOUNDARY = "-"


class Encoding(Protocol):
    headers: Mapping[str, str]
    opening: bytes
    heartbeat: bytes
    closing: bytes

    def answer(self, answer: Answer | Encoded) -> bytes: ...

    def failure(self, answer: Answer) -> bytes:
        """Errors that end the stream; `closing` follows."""


class EventStream:
    """Server-sent events of the graphql-sse protocol: `next` for each answer, `complete` at the end."""

    headers: Mapping[str, str] = {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache, no-transform",
        "x-accel-buffering": "no",
    }
    opening = heartbeat = b":\n\n"
    closing = b"event: complete\ndata: \n\n"

    def answer(self, answer: Answer | Encoded) -> bytes:
        return b"event: next\ndata: %b\n\n" % msgspec.json.encode(answer)

    failure = answer


class Multipart:
    """One part for each answer. Its closing boundary follows at once: clients accept a part once they see its end."""

    def __init__(self, boundary: str, parameters: str = "") -> None:
        self.headers: Mapping[str, str] = {
            "content-type": f'multipart/mixed; boundary="{boundary}"{parameters}',
            "cache-control": "no-cache, no-transform",
            "x-accel-buffering": "no",
        }
        self._boundary = boundary.encode()
        self.opening = b"--%b" % self._boundary
        self.heartbeat = self._part({})
        self.closing = b"--\r\n"

    def answer(self, answer: Answer | Encoded) -> bytes:
        return self._part(answer)

    def failure(self, answer: Answer) -> bytes:
        return self._part({**answer, "hasNext": False})

    def _part(self, content: object) -> bytes:
        head = b"\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"
        return b"%b%b\r\n--%b" % (head, msgspec.json.encode(content), self._boundary)


class MultipartSubscription(Multipart):
    """Apollo's multipart subscription protocol: an answer is a part's `payload`; errors of the stream are beside it."""

    def __init__(self) -> None:
        super().__init__(SUBSCRIPTION_BOUNDARY, ';subscriptionSpec="1.0"')

    def answer(self, answer: Answer | Encoded) -> bytes:
        return self._part({"payload": answer})

    def failure(self, answer: Answer) -> bytes:
        return self._part({"payload": None, "errors": answer.get("errors", [])})


def encoding_for(choice: Choice) -> Encoding:
    if choice.media is MediaType.EVENT_STREAM:
        return EventStream()
    if "subscriptionspec" in choice.parameters:
        return MultipartSubscription()
    return Multipart(PARTS_BOUNDARY)
