"""The sign-in: a token that is valid, renewed once for all that ask, since a refresh token serves once."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

from rookery_client.errors import RefusedError, ReplacedError, RookeryError, SignedOutError, done
from rookery_client.generated import REFRESH_TOKENS, RefreshTokensVariables, Tokens
from rookery_client.transport.http import Http

_EARLY_SECONDS = 30.0
# The server gives the same tokens again for 10 s; a lost answer is asked for again within that time.
_RETRY_SECONDS = (0.2, 0.4, 0.8, 1.6, 3.2)


class Session:
    """`on_tokens` gets each new pair, and None once the session is over."""

    def __init__(self, http: Http, access_token: str | None, on_tokens: Callable[[Tokens | None], None]) -> None:
        self._http, self._on_tokens = http, on_tokens
        self._access_token = access_token
        self._mark = 0
        self._tokens: Tokens | None = None
        self._renew_at: float | None = None
        self._renewing: asyncio.Task[str] | None = None
        self._tasks: set[asyncio.Task[str]] = set()

    @property
    def mark(self) -> int:
        """The same until somebody signs in anew, or out."""
        return self._mark

    def begin(self, tokens: Tokens, *, is_old: bool = False) -> None:
        """Takes tokens of a sign-in: those that the server just gave, or that were kept from earlier."""
        self._mark += 1
        self._renewing = None
        self._keep(tokens, is_old=is_old)

    def end(self) -> None:
        self._mark += 1
        self._renewing = None
        self._tokens = self._access_token = None
        self._on_tokens(None)

    async def token(self) -> str | None:
        """A token that is not about to run out, or None without a sign-in. Raises SignedOutError after the session."""
        token = self._access_token
        is_due = self._renew_at is not None and time.time() >= self._renew_at
        return await self.renew(token) if token is not None and self._tokens is not None and is_due else token

    async def renew(self, stale: str) -> str:
        """A token in place of one that was refused. Raises SignedOutError where there is none."""
        if self._access_token is not None and self._access_token != stale:
            return self._access_token
        # Whoever asked may be cancelled meanwhile; the answer, which comes but once, is kept all the same.
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renewed(self._tokens, self._mark))
            self._tasks.add(self._renewing)
            self._renewing.add_done_callback(self._forget)
        return await asyncio.shield(self._renewing)

    async def aclose(self) -> None:
        """Returns once no renewal is under way."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _forget(self, task: asyncio.Task[str]) -> None:
        self._tasks.discard(task)
        if self._renewing is task:
            self._renewing = None
        if not task.cancelled():
            # It may be that nobody is left to hear of it.
            task.exception()

    def _keep(self, tokens: Tokens, *, is_old: bool = False) -> None:
        now = datetime.now(UTC)
        left = (tokens.expires_at - now).total_seconds()
        # Where the clock is ahead of the server's it says nothing: then the server's refusal does.
        self._renew_at = time.time() + max(left - _EARLY_SECONDS, left / 2) if left > 0 else None
        if is_old and left <= 0:
            self._renew_at = 0.0
        self._tokens, self._access_token = tokens, tokens.access_token
        self._on_tokens(tokens)

    async def _renewed(self, old: Tokens | None, mark: int) -> str:
        if old is None:
            raise SignedOutError("the token was refused")
        tokens = await self._refreshed(old.refresh_token)
        if mark != self._mark:
            raise ReplacedError
        if tokens is None:
            self.end()
            raise SignedOutError("the session is over")
        self._keep(tokens)
        return tokens.access_token

    async def _refreshed(self, refresh_token: str) -> Tokens | None:
        variables = RefreshTokensVariables(refresh_token)
        for seconds in (*_RETRY_SECONDS, None):
            try:
                return done((await self._http.post(REFRESH_TOKENS, variables, None)).refresh_tokens).tokens
            except (RefusedError, SignedOutError):
                return None
            except RookeryError as error:
                if seconds is None or not error.is_passing:
                    raise
                await asyncio.sleep(seconds)
        return None
