"""One socket that speaks graphql-transport-ws.

The protocol's own close codes answer whatever is malformed or out of turn; what is wrong with one operation ends that
operation alone.
"""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, aclosing, contextmanager, nullcontext, suppress
from uuid import uuid4

import msgspec
import structlog
from starlette.websockets import WebSocket

from core.errors import CodedError, ErrorCode
from transport.execution.answers import Encoded
from transport.execution.context_protocols import ExpiringContext, operation_context
from transport.execution.endpoint import Endpoint
from transport.execution.error_masking import coded, unexpected_error
from transport.execution.instrumentation import count_refusal
from transport.execution.operations import Operation, client_errors
from transport.request.graphql_request import RequestError
from transport.websocket.connection_quota import NoSeatError, Seats
from transport.websocket.messages import Complete, ConnectionInit, Message, Ping, Subscribe, read_message
from transport.websocket.rate_limit import MessageRate
from transport.websocket.send_queue import Outbox, SocketGoneError

OPERATIONS_PER_SUBSCRIPTION = 2
INVALID, UNAUTHORIZED, FORBIDDEN, INIT_TIMEOUT, DUPLICATE, TOO_MANY = 4400, 4401, 4403, 4408, 4409, 4429
INTERNAL_ERROR, RESTART, TRY_AGAIN = 1011, 1012, 1013
CLOSE_CODES = {
    ErrorCode.FORBIDDEN: FORBIDDEN,
    ErrorCode.RATE_LIMITED: TOO_MANY,
    ErrorCode.UNAVAILABLE: TRY_AGAIN,
    ErrorCode.INTERNAL: INTERNAL_ERROR,
}


class GraphQLSocket:
    """An accepted socket; `run` lasts as long as it does."""

    def __init__(self, websocket: WebSocket, outbox: Outbox, endpoint: Endpoint, seats: Seats) -> None:
        self._websocket = websocket
        self._seats = seats
        self._seat: AbstractContextManager[None] = nullcontext()
        self._outbox = outbox
        self._endpoint = endpoint
        self._limits = endpoint.limits
        self._clock = asyncio.get_running_loop().time
        self._rate = MessageRate(endpoint.limits.messages_per_second, self._clock)
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._subscriptions: set[asyncio.Task[None] | None] = set()
        self._context: object = None
        self._is_initialised = self._is_acknowledged = self._is_leaving = False
        self._watcher: asyncio.Task[None] | None = None

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            try:
                with suppress(SocketGoneError):
                    await self._read()
            finally:
                self._seat.__exit__(None, None, None)
                for task in (*self._operations.values(), self._watcher):
                    if task:
                        task.cancel()

    async def leave(self) -> None:
        """Ends queries and mutations in flight, then closes with 1012; subscriptions are cut."""
        self._is_leaving = True
        if finite := set(self._operations.values()) - self._subscriptions:
            await asyncio.wait(finite, timeout=self._limits.operation_seconds)
        await self._outbox.close(RESTART, "Service restart")

    async def _read(self) -> None:
        init_deadline = self._clock() + self._limits.init_seconds
        while not self._outbox.is_closed:
            text = await self._receive(init_deadline)
            if text is None:
                return
            if not self._rate.take():
                await self._outbox.close(TOO_MANY, "Too many messages")
                return
            try:
                message = read_message(text)
            except RequestError as error:
                await self._outbox.close(INVALID, error.message)
                return
            await self._handle(message)
            # What a client sent in one go is not worked off in one go: the other sockets have their turn in between.
            await asyncio.sleep(0)

    async def _receive(self, init_deadline: float) -> str | None:
        """None where there is nothing more to read; closes the socket for what is no text."""
        try:
            async with asyncio.timeout_at(None if self._is_initialised else init_deadline):
                message = await self._websocket.receive()
        except TimeoutError:
            await self._outbox.close(INIT_TIMEOUT, "Connection initialisation timeout")
            return None
        if message["type"] == "websocket.disconnect":
            return None
        text: str | None = message.get("text")
        if text is None:
            await self._outbox.close(INVALID, "Messages are JSON in text frames")
        elif len(text) > self._limits.message_bytes:
            await self._outbox.close(INVALID, f"A message may have {self._limits.message_bytes:,} bytes")
            return None
        return text

    async def _handle(self, message: Message) -> None:
        match message:
            case ConnectionInit():
                await self._initialise(message)
            case Ping(payload):
                await self._outbox.send({"type": "pong"} if payload is None else {"type": "pong", "payload": payload})
            case Subscribe():
                await self._subscribe(message)
            case Complete(operation_id):
                if task := self._operations.pop(operation_id, None):
                    task.cancel()

    async def _initialise(self, message: ConnectionInit) -> None:
        if self._is_initialised:
            await self._outbox.close(TOO_MANY, "Too many initialisation requests")
            return
        self._is_initialised = True
        try:
            with self._endpoint.execution.deadlines.limit():
                self._context = await self._endpoint.get_context(self._websocket, message.payload or {})
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets a code and a masked reason
            payload = unexpected_error(error, uuid4().hex)
            code = CLOSE_CODES.get(ErrorCode(payload["extensions"]["code"]), UNAUTHORIZED)
            await self._outbox.close(code, payload["message"])
            return
        seat = self._seats.of(self._context)
        try:
            seat.__enter__()
        except NoSeatError:
            await self._outbox.close(TOO_MANY, f"One may have {self._limits.sockets_per_person} sockets at a time")
            return
        self._seat = seat
        await self._outbox.send({"type": "connection_ack"})
        self._is_acknowledged = True
        if isinstance(self._context, ExpiringContext):
            self._watcher = self._tasks.create_task(self._watch(self._context))

    async def _watch(self, context: ExpiringContext) -> None:
        try:
            await context.expired()
        except Exception as error:  # noqa: BLE001 - a socket that nobody watches must not stay
            unexpected_error(error, uuid4().hex)
            await self._outbox.close(INTERNAL_ERROR, "Internal error")
        else:
            await self._outbox.close(UNAUTHORIZED, "The session has ended")

    async def _subscribe(self, message: Subscribe) -> None:
        if not self._is_acknowledged:
            await self._outbox.close(UNAUTHORIZED, "Unauthorized")
        elif message.id in self._operations:
            await self._outbox.close(DUPLICATE, f"Subscriber for {message.id} already exists")
        elif len(self._operations) >= OPERATIONS_PER_SUBSCRIPTION * self._limits.subscriptions_per_socket:
            payload = coded(ErrorCode.RATE_LIMITED, "Too many operations at once on one socket.")
            await self._outbox.send({"id": message.id, "type": "error", "payload": [payload]})
        else:
            self._operations[message.id] = self._tasks.create_task(self._operate(message))

    async def _operate(self, message: Subscribe) -> None:
        request_id = uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=request_id)
        last: dict[str, object] = {"id": message.id, "type": "complete"}
        try:
            await self._answer(message, request_id)
        except SocketGoneError:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets a masked answer
            errors = client_errors(error, request_id)
            count_refusal(ErrorCode(errors[0]["extensions"]["code"]))
            last = {"id": message.id, "type": "error", "payload": errors}
        # The id may be used again as soon as the client sees the last message.
        self._operations.pop(message.id, None)
        with suppress(SocketGoneError):
            await self._outbox.send(last)

    async def _answer(self, message: Subscribe, request_id: str) -> None:
        operation = await self._endpoint.prepare(message.payload)
        with self._counted(operation):
            execution = self._endpoint.execution
            with execution.deadlines.limit():
                context = await operation_context(self._context, operation)
            if not (operation.is_subscription or operation.is_incremental):
                only = await execution.answer(operation, context, request_id=request_id)
                await self._outbox.send({"id": message.id, "type": "next", "payload": only})
                return
            async with aclosing(await execution.stream(operation, context, request_id=request_id)) as answers:
                head = msgspec.json.encode({"id": message.id, "type": "next"})[:-1]
                async for answer in answers:
                    payload = answer if isinstance(answer, Encoded) else msgspec.json.encode(answer)
                    await self._outbox.send_encoded(b"".join((head, b',"payload":', payload, b"}")))

    @contextmanager
    def _counted(self, operation: Operation) -> Iterator[None]:
        if self._is_leaving:
            raise CodedError(ErrorCode.UNAVAILABLE, "The server is restarting. Connect again.")
        if not operation.is_subscription:
            yield
            return
        most = self._limits.subscriptions_per_socket
        if len(self._subscriptions) >= most:
            raise CodedError(ErrorCode.RATE_LIMITED, f"A socket carries {most} subscriptions at most.")
        task = asyncio.current_task()
        self._subscriptions.add(task)
        try:
            yield
        finally:
            self._subscriptions.discard(task)
