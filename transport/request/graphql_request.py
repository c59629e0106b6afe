"""GraphQL requests from a body, a query string or a websocket message.

All input is validated here; later code never meets a wrong type, endless digits or broken text.
"""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from core.errors import ErrorCode, RookeryError

T = TypeVar("T")
PERSISTED = "persistedQuery"
"""The extension that names a document by its hash."""


class RequestError(RookeryError):
    """Not a valid GraphQL request; `message` is safe to show."""

    def __init__(self, status: int, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = ErrorCode.BAD_USER_INPUT
        self.headers = dict(headers or {})


class GraphQLRequest(msgspec.Struct, frozen=True, rename={"operation_name": "operationName"}):
    """`query` is None if the client names its document by a hash; see persisted_documents.py.

    An empty `operation_name` is read as None: clients send it for a document with one operation.
    """

    query: str | None = None
    operation_name: str | None = None
    variables: dict[str, object] | None = None
    extensions: dict[str, object] | None = None

    def __post_init__(self) -> None:
        if self.operation_name == "":
            msgspec.structs.force_setattr(self, "operation_name", None)


_request = msgspec.json.Decoder(GraphQLRequest)
_mapping = msgspec.json.Decoder(dict[str, object])


def request_from_json(body: bytes) -> GraphQLRequest:
    """Raises RequestError 400."""
    return require_document(decode(_request, body, "The body"))


def request_from_parameters(parameters: Mapping[str, str]) -> GraphQLRequest:
    """From a query string, in which variables and extensions are JSON. Raises RequestError 400."""
    request = GraphQLRequest(
        query=parameters.get("query") or None,
        operation_name=parameters.get("operationName"),
        variables=_from_parameter(parameters, "variables"),
        extensions=_from_parameter(parameters, "extensions"),
    )
    return require_document(request)


def require_document(request: GraphQLRequest) -> GraphQLRequest:
    """Raises RequestError 400 for a request without a document and without the hash of one."""
    if request.query is None and (request.extensions or {}).get(PERSISTED) is None:
        raise RequestError(400, f"There is no document: send `query`, or the hash of one in `extensions.{PERSISTED}`.")
    return request


def decode(decoder: msgspec.json.Decoder[T], data: bytes | str, what: str) -> T:
    """Raises RequestError 400; its message starts with `what`."""
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise RequestError(400, f"{what} is not what GraphQL asks for: {error}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise RequestError(400, f"{what} is no JSON.") from None


def _from_parameter(parameters: Mapping[str, str], name: str) -> dict[str, object] | None:
    text = parameters.get(name)
    if not text or text == "null":
        return None
    return decode(_mapping, text, f"The parameter `{name}`")
