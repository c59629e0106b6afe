"""Operations by POST: the data of a query or mutation, or the error in its place."""

from typing import TypeVar

import httpx
import msgspec

from rookery_client.errors import RookeryError
from rookery_client.operation import Operation
from rookery_client.transport.decoding import Answer, data_of

Variables = TypeVar("Variables")
Data = TypeVar("Data")


class Http:
    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self.url, self.client = url, client

    async def post(self, operation: Operation[Variables, Data], variables: Variables, token: str | None) -> Data:
        """Raises a RookeryError; SignedOutError where the token was refused."""
        try:
            reply = await self.client.send(self.request(operation, variables, token, "application/json"))
        except httpx.HTTPError as error:
            raise RookeryError("NETWORK", str(error) or type(error).__name__) from error
        try:
            answer = msgspec.json.decode(reply.content, type=Answer)
        except msgspec.DecodeError as error:
            # A proxy answers so while the server is away.
            raise RookeryError("NETWORK", f"status {reply.status_code}, and no answer of GraphQL") from error
        return data_of(operation, answer)

    def request(
        self, operation: Operation[Variables, Data], variables: Variables, token: str | None, accept: str
    ) -> httpx.Request:
        headers = {"content-type": "application/json", "accept": accept}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        body = msgspec.json.encode({"query": operation.text, "variables": variables})
        return self.client.build_request("POST", self.url, content=body, headers=headers)
