"""Client messages of graphql-transport-ws, validated while they are decoded."""

from typing import Annotated

import msgspec

from transport.request.graphql_request import GraphQLRequest, decode, require_document

OperationId = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
Payload = dict[str, object] | None


class ConnectionInit(msgspec.Struct, frozen=True, tag_field="type", tag="connection_init"):
    payload: Payload = None


class Ping(msgspec.Struct, frozen=True, tag_field="type", tag="ping"):
    payload: Payload = None


class Pong(msgspec.Struct, frozen=True, tag_field="type", tag="pong"):
    payload: Payload = None


class Subscribe(msgspec.Struct, frozen=True, tag_field="type", tag="subscribe"):
    id: OperationId
    payload: GraphQLRequest


class Complete(msgspec.Struct, frozen=True, tag_field="type", tag="complete"):
    id: OperationId


Message = ConnectionInit | Ping | Pong | Subscribe | Complete

_message: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


def read_message(text: str) -> Message:
    """Raises RequestError."""
    message = decode(_message, text, "The message")
    if isinstance(message, Subscribe):
        require_document(message.payload)
    return message
