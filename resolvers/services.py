"""What the use cases of a process work with, opened once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.cursors import CursorCodec
from core.settings import Settings, signing_keys
from core.tokens import AccessTokens, RefreshTokens
from datastore.stores import Stores
from resolvers.passwords import Passwords, open_passwords


@dataclass(frozen=True, slots=True)
class Services:
    stores: Stores
    cursors: CursorCodec
    access_tokens: AccessTokens
    refresh_tokens: RefreshTokens
    passwords: Passwords


@asynccontextmanager
async def open_services(stores: Stores, settings: Settings) -> AsyncIterator[Services]:
    keys = signing_keys(settings)
    with open_passwords() as passwords:
        yield Services(stores, CursorCodec(keys), AccessTokens(keys), RefreshTokens(keys), passwords)
