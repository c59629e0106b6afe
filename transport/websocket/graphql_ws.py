"""One socket that speaks graphql-transport-ws.

Malformed or unexpected messages close the socket with the protocol's close codes; a fault of one operation ends that
operation alone.
"""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, aclosing, contextmanager, nullcontext, suppress
from uuid import uuid4

import msgspec
import structlog
from starlette.websockets import WebSocket

from core.errors import CodedError, ErrorCode, RookeryError, UnavailableError
from transport.execution.answers import Encoded
from transport.execution.context_protocols import ExpiringContext, operation_context
from transport.execution.endpoint import Endpoint
from transport.execution.error_masking import coded, unexpected_error
from transport.execution.instrumentation import count_refusal
from transport.execution.operations import Operation, client_errors
from transport.limits.connection_quota import ConnectionQuota, QuotaExceededError
from transport.request.graphql_request import RequestError
from transport.websocket.messages import Complete, ConnectionInit, Message, Ping, Subscribe, read_message
from transport.websocket.rate_limit import MessageRateLimit
from transport.websocket.send_queue import SendQueue, SocketGoneError

OPERATIONS_PER_SUBSCRIPTION = 2
INVALID, UNAUTHORIZED, FORBIDDEN, INIT_TIMEOUT, DUPLICATE, TOO_MANY = 4400, 4401, 4403, 4408, 4409, 4429
RESTART, TRY_AGAIN = 1012, 1013
CLOSE_CODES = {
    ErrorCode.FORBIDDEN: FORBIDDEN,
    ErrorCode.RATE_LIMITED: TOO_MANY,
    ErrorCode.UNAVAILABLE: TRY_AGAIN,
    # graphql-ws comes back after 1013, and never after 1011.
    ErrorCode.INTERNAL: TRY_AGAIN,
}


class GraphQLSocket:
    """An accepted socket; `run` returns when it is closed."""

    def __init__(self, websocket: WebSocket, queue: SendQueue, endpoint: Endpoint, quota: ConnectionQuota) -> None:
        self._websocket = websocket
        self._quota = quota
        self._slot: AbstractContextManager[None] = nullcontext()
        self._queue = queue
        self._endpoint = endpoint
        self._limits = endpoint.limits
        self._clock = asyncio.get_running_loop().time
        self._rate = MessageRateLimit(endpoint.limits.messages_per_second, self._clock)
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._subscriptions: set[asyncio.Task[None] | None] = set()
        self._context: object = None
        self._is_initialised = self._is_acknowledged = self._is_draining = False
        self._expiry_watch: asyncio.Task[None] | None = None

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            try:
                with suppress(SocketGoneError):
                    await self._read()
            finally:
                self._slot.__exit__(None, None, None)
                for task in (*self._operations.values(), self._expiry_watch):
                    if task:
                        task.cancel()

    async def drain(self) -> None:
        """Waits for queries and mutations in flight, then closes with 1012, which ends subscriptions."""
        self._is_draining = True
        if finite := set(self._operations.values()) - self._subscriptions:
            await asyncio.wait(finite, timeout=self._limits.operation_seconds)
        await self._queue.close(RESTART, "Service restart")

    async def _read(self) -> None:
        init_deadline = self._clock() + self._limits.init_seconds
        while not self._queue.is_closed:
            text = await self._receive(init_deadline)
            if text is None:
                return
            if not self._rate.take():
                await self._queue.close(TOO_MANY, "Too many messages")
                return
            try:
                message = read_message(text)
            except RequestError as error:
                await self._queue.close(INVALID, error.message)
                return
            await self._handle(message)
            # Yields between messages, so that a client that sends many at once does not delay other sockets.
            await asyncio.sleep(0)

    async def _receive(self, init_deadline: float) -> str | None:
        """None at the end; closes the socket for a message that is no text or too long."""
        try:
            async with asyncio.timeout_at(None if self._is_initialised else init_deadline):
                message = await self._websocket.receive()
        except TimeoutError:
            await self._queue.close(INIT_TIMEOUT, "Connection initialisation timeout")
            return None
        if message["type"] == "websocket.disconnect":
            return None
        text: str | None = message.get("text")
        if text is None:
            await self._queue.close(INVALID, "Messages are JSON in text frames")
        elif len(text) > self._limits.message_bytes:
            await self._queue.close(INVALID, f"A message may have {self._limits.message_bytes:,} bytes")
            return None
        return text

    async def _handle(self, message: Message) -> None:
        match message:
            case ConnectionInit():
                await self._initialise(message)
            case Ping(payload):
                await self._queue.send({"type": "pong"} if payload is None else {"type": "pong", "payload": payload})
            case Subscribe():
                await self._subscribe(message)
            case Complete(operation_id):
                if task := self._operations.pop(operation_id, None):
                    task.cancel()

    async def _initialise(self, message: ConnectionInit) -> None:
        if self._is_initialised:
            await self._queue.close(TOO_MANY, "Too many initialisation requests")
            return
        self._is_initialised = True
        try:
            with self._endpoint.execution.deadlines.limit():
                self._context = await self._endpoint.get_context(self._websocket, message.payload or {})
        except Exception as error:  # noqa: BLE001 - the client gets a code and a masked reason for any error
            payload = unexpected_error(error, uuid4().hex)
            code = CLOSE_CODES.get(ErrorCode(payload["extensions"]["code"]), UNAUTHORIZED)
            await self._queue.close(code, payload["message"])
            return
        slot = self._quota.holding(self._context, self._websocket)
        try:
            slot.__enter__()
        except QuotaExceededError as error:
            await self._queue.close(TOO_MANY, str(error))
            return
        self._slot = slot
        await self._queue.send({"type": "connection_ack"})
        self._is_acknowledged = True
        if isinstance(self._context, ExpiringContext):
            self._expiry_watch = self._tasks.create_task(self._watch_expiry(self._context))

    async def _watch_expiry(self, context: ExpiringContext) -> None:
        try:
            await context.expired()
        except Exception as error:  # noqa: BLE001 - a socket must not stay open without its expiry watch
            unexpected_error(error, uuid4().hex)
            await self._queue.close(TRY_AGAIN, "Internal error")
        else:
            await self._queue.close(UNAUTHORIZED, "The session has ended")

    async def _subscribe(self, message: Subscribe) -> None:
        if not self._is_acknowledged:
            await self._queue.close(UNAUTHORIZED, "Unauthorized")
        elif message.id in self._operations:
            await self._queue.close(DUPLICATE, f"Subscriber for {message.id} already exists")
        elif len(self._operations) >= OPERATIONS_PER_SUBSCRIPTION * self._limits.subscriptions_per_socket:
            payload = coded(ErrorCode.RATE_LIMITED, "Too many operations at once on one socket.")
            await self._queue.send({"id": message.id, "type": "error", "payload": [payload]})
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
        except Exception as error:  # noqa: BLE001 - the client gets a masked answer for any error
            errors = client_errors(error, request_id)
            count_refusal(ErrorCode(errors[0]["extensions"]["code"]))
            last = {"id": message.id, "type": "error", "payload": errors}
        # The client may reuse the id as soon as it sees the last message.
        self._operations.pop(message.id, None)
        with suppress(SocketGoneError):
            await self._queue.send(last)

    async def _answer(self, message: Subscribe, request_id: str) -> None:
        operation = await self._prepared(message)
        with self._subscription_slot(operation):
            execution = self._endpoint.execution
            with execution.deadlines.limit():
                context = await operation_context(self._context, operation)
            if not (operation.is_subscription or operation.is_incremental):
                only = await execution.answer(operation, context, request_id=request_id)
                await self._queue.send({"id": message.id, "type": "next", "payload": only})
                return
            async with aclosing(await execution.stream(operation, context, request_id=request_id)) as answers:
                head = msgspec.json.encode({"id": message.id, "type": "next"})[:-1]
                async for answer in answers:
                    payload = answer if isinstance(answer, Encoded) else msgspec.json.encode(answer)
                    await self._queue.send_encoded(b"".join((head, b',"payload":', payload, b"}")))

    async def _prepared(self, message: Subscribe) -> Operation:
        """Charges points for a refused request."""
        try:
            return await self._endpoint.prepare(message.payload)
        except RookeryError:
            with self._endpoint.execution.deadlines.limit(), suppress(UnavailableError):
                await self._endpoint.charge_refusal(self._context, message.payload)
            raise

    @contextmanager
    def _subscription_slot(self, operation: Operation) -> Iterator[None]:
        if self._is_draining:
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
