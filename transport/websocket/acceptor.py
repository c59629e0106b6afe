"""Where sockets come in: who may open one, in which protocol, and whether the process still takes any."""

from starlette.websockets import WebSocket

from core.runtime.metrics import SOCKETS
from transport.execution.endpoint import Endpoint
from transport.request.origins import AllowedOrigins
from transport.server.connections import abort_of, write_of
from transport.websocket.connection_quota import Seats
from transport.websocket.graphql_ws import RESTART, GraphQLSocket
from transport.websocket.send_queue import Outbox

PROTOCOL = "graphql-transport-ws"
WRONG_PROTOCOL = 4406
POLICY_VIOLATION = 1008


class Sockets:
    def __init__(self, endpoint: Endpoint, origins: AllowedOrigins) -> None:
        self._endpoint = endpoint
        self._origins = origins
        self._seats = Seats(endpoint.limits.sockets_per_person)

    async def serve(self, websocket: WebSocket) -> None:
        """Lasts as long as the socket does."""
        if not self._origins.allow(websocket.headers.get("origin"), websocket.headers.get("host")):
            await websocket.close(POLICY_VIOLATION)  # before it is accepted: the handshake is answered with 403
            return
        scope = websocket.scope
        outbox = Outbox(websocket, abort_of(scope), self._endpoint.limits, write=write_of(scope))
        if self._endpoint.connections.is_draining:
            await websocket.accept()
            await outbox.close(RESTART, "Service restart")
        elif PROTOCOL not in scope["subprotocols"]:
            await websocket.accept()
            await outbox.close(WRONG_PROTOCOL, "Subprotocol not acceptable")
        else:
            await websocket.accept(subprotocol=PROTOCOL)
            scope["headers"].clear()  # nothing asks for them any more, and they would stay as long as the socket does
            await self._run(GraphQLSocket(websocket, outbox, self._endpoint, self._seats))

    async def _run(self, socket: GraphQLSocket) -> None:
        with self._endpoint.connections.holding(socket), SOCKETS.track_inprogress():
            await socket.run()
