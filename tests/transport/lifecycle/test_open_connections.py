"""Draining of open connections."""

import asyncio

from transport.lifecycle.open_connections import OpenConnections


class Connection:
    def __init__(self) -> None:
        self.is_drained = False

    async def drain(self) -> None:
        self.is_drained = True


async def test_a_drain_closes_the_open_connections_and_not_those_that_are_gone() -> None:
    connections, open_one, gone = OpenConnections(), Connection(), Connection()
    with connections.tracking(gone):
        pass
    with connections.tracking(open_one):
        assert not connections.is_draining
        await connections.drain(0.0)
    assert (connections.is_draining, open_one.is_drained, gone.is_drained) == (True, True, False)


async def test_a_connection_that_closes_before_its_turn_is_not_drained() -> None:
    connections, connection = OpenConnections(), Connection()
    with connections.tracking(connection):
        draining = asyncio.create_task(connections.drain(0.01))
        await asyncio.sleep(0)
    await draining
    assert not connection.is_drained
