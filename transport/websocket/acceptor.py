"""Accepts sockets: checks origin and subprotocol, and refuses new sockets while the process drains."""

from starlette.websockets import WebSocket

from core.runtime.metrics import SOCKETS
from transport.execution.endpoint import Endpoint
from transport.lifecycle.scope_state import abort_of, write_of
from transport.limits.connection_quota import ConnectionQuota
from transport.request.origins import AllowedOrigins
from transport.websocket.graphql_ws import RESTART, GraphQLSocket
from transport.websocket.send_queue import SendQueue

PROTOCOL = "graphql-transport-ws"
WRONG_PROTOCOL = 4406
POLICY_VIOLATION = 1008


class SocketAcceptor:
    def __init__(self, endpoint: Endpoint, origins: AllowedOrigins, quota: ConnectionQuota) -> None:
        self._endpoint = endpoint
        self._origins = origins
        self._quota = quota

    async def serve(self, websocket: WebSocket) -> None:
        """Returns when the socket is closed."""
        if not self._origins.allow(websocket.headers.get("origin"), websocket.headers.get("host")):
            await websocket.close(POLICY_VIOLATION)  # before accept, so the handshake is answered with 403
            return
        scope = websocket.scope
        queue = SendQueue(websocket, abort_of(scope), self._endpoint.limits, write=write_of(scope))
        if self._endpoint.connections.is_draining:
            await websocket.accept()
            await queue.close(RESTART, "Service restart")
        elif PROTOCOL not in scope["subprotocols"]:
            await websocket.accept()
            await queue.close(WRONG_PROTOCOL, "Subprotocol not acceptable")
        else:
            await websocket.accept(subprotocol=PROTOCOL)
            # The others are unused from here on, and the scope lives as long as the socket.
            scope["headers"][:] = [(name, value) for name, value in scope["headers"] if name == b"origin"]
            await self._run(GraphQLSocket(websocket, queue, self._endpoint, self._quota))

    async def _run(self, socket: GraphQLSocket) -> None:
        with self._endpoint.connections.tracking(socket), SOCKETS.track_inprogress():
            await socket.run()
