"""Persisted documents, named by their hash: registered by clients (APQ), or listed as trusted in a file."""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Protocol

import msgspec

from core.errors import CodedError, ErrorCode
from transport.request.document_cache import LONGEST_TEXT
from transport.request.graphql_request import PERSISTED, GraphQLRequest

_DIGEST = re.compile(r"[0-9a-f]{64}")
# Clients recognise this message of Apollo's protocol.
NOT_FOUND = "PersistedQueryNotFound"
NOT_ALLOWED = "Only documents that this server lists may run here."


class DocumentStore(Protocol):
    """Registered documents by the SHA-256 of their text in hexadecimal digits."""

    async def get(self, digest: str) -> str | None: ...

    async def put(self, digest: str, text: str) -> None: ...


class PersistedDocuments:
    """`store` is called at each use. `trusted`: documents by hash. `is_exclusive`: only trusted documents may run."""

    def __init__(
        self,
        store: Callable[[], DocumentStore],
        trusted: Mapping[str, str] | None = None,
        *,
        is_exclusive: bool = False,
    ) -> None:
        self._store = store
        self._trusted = dict(trusted or {})
        self._texts = frozenset(self._trusted.values())
        self._is_exclusive = is_exclusive

    async def resolve(self, request: GraphQLRequest) -> GraphQLRequest:
        """The request with its document. Raises CodedError."""
        digest = _digest_of(request)
        if self._is_exclusive:
            return self._trusted_document(request, digest)
        if digest is None:
            return request
        if request.query is not None:
            if sha256(request.query.encode()).hexdigest() != digest:
                raise CodedError(ErrorCode.BAD_USER_INPUT, "The hash is not that of the document.")
            return request
        text = self._trusted.get(digest) or await self._store().get(digest)
        if text is None:
            raise CodedError(ErrorCode.PERSISTED_QUERY_NOT_FOUND, NOT_FOUND)
        return msgspec.structs.replace(request, query=text)

    async def register(self, request: GraphQLRequest) -> None:
        """Stores the document of a valid request that also names its hash. Pass the request as the client sent it."""
        digest, text = _digest_of(request), request.query
        if digest is None or text is None or self._is_exclusive or len(text) > LONGEST_TEXT:
            return
        await self._store().put(digest, text)

    def _trusted_document(self, request: GraphQLRequest, digest: str | None) -> GraphQLRequest:
        text = request.query if digest is None else self._trusted.get(digest)
        if text not in self._texts or request.query not in (None, text):
            raise CodedError(ErrorCode.PERSISTED_QUERY_NOT_ALLOWED, NOT_ALLOWED)
        return msgspec.structs.replace(request, query=text)


def _digest_of(request: GraphQLRequest) -> str | None:
    """None if the request names no hash. Raises CodedError for a malformed one."""
    named = (request.extensions or {}).get(PERSISTED)
    if named is None:
        return None
    digest = named.get("sha256Hash") if isinstance(named, dict) and named.get("version") == 1 else None
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise CodedError(
            ErrorCode.BAD_USER_INPUT, "extensions.persistedQuery must have version 1 and sha256Hash, 64 digits."
        )
    return digest
