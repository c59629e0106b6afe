"""Connections to push services: a name is resolved once, and only a public address of it is connected to."""

import asyncio
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from ipaddress import ip_address
from typing import Any

import httpcore

from core.push.endpoints import is_loopback, is_public


class PrivateAddressError(httpcore.ConnectError):
    """The name leads into a private network."""


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """`lookups` gives the threads in which a name is looked up."""

    def __init__(self, lookups: Callable[[], Executor], *, allows_loopback: bool) -> None:
        self._lookups, self._allows_loopback = lookups, allows_loopback
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface of the library
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises PrivateAddressError where no address of the host is public, else what the library raises."""
        addresses = [one for one in await self._addresses(host, port, timeout) if self._is_allowed(one)]
        if not addresses:
            raise PrivateAddressError(host)
        for address in addresses[:-1]:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Never."""
        raise PrivateAddressError(path)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def _is_allowed(self, address: str) -> bool:
        return is_public(address) or (self._allows_loopback and is_loopback(address))

    async def _addresses(self, host: str, port: int, seconds: float | None) -> list[str]:
        try:
            return [str(ip_address(host))]
        except ValueError:
            pass
        ask = asyncio.get_running_loop().run_in_executor(
            self._lookups(), socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM
        )
        try:
            found = await asyncio.wait_for(ask, seconds)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} is not found") from error
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"{host} is looked up too long") from error
        return list(dict.fromkeys(str(one[4][0]) for one in found))
