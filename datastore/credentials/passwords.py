"""Passwords: each change is one transaction with the end of sessions, the mail and the notification that tell of it.

It raises the generation of sign-ins, so that a session that is made beside it with the password of before is refused.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from core.ids import SessionId, UserId
from datastore.credentials.addresses import Change, add_change
from datastore.credentials.mail_tokens import MailToken, MailTokenStore, TokenPurpose
from datastore.jobs.jobs import EndAccessTokens, EndSessions
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Mongo, away_as_unavailable
from datastore.mongo.existence import NOT_DELETED, of_generation
from datastore.users.stores import UserStores

_Ended: TypeAlias = tuple[EndSessions | None, EndAccessTokens | None]


class PasswordStore:
    """`sign_in_generation`: of the account as the request read it."""

    def __init__(self, mongo: Mongo, outbox: Outbox, tokens: MailTokenStore, users: UserStores) -> None:
        self._mongo, self._outbox, self._tokens = mongo, outbox, tokens
        self._sessions, self._access_tokens = users.sessions, users.access_tokens
        self._users = mongo.collection("users")

    async def reset(self, token: MailToken, password_hash: str, change: Change, *, sign_in_generation: int) -> bool:
        """Ends all sessions, all scoped tokens and all tokens of mails.

        False if the token has ended, or the password was changed meanwhile.
        """

        async def act(session: Any) -> _Ended | None:
            if not await self._tokens.use(session, TokenPurpose.RESET, token):
                return None
            await self._tokens.end_all(session, token.user_id)
            if not await self._set(session, token.user_id, password_hash, sign_in_generation):
                return None
            revoked = await self._access_tokens.end_all_within(session, token.user_id)
            ended = await self._sessions.end_all_within(session, token.user_id)
            await add_change(self._outbox, session, change)
            return ended, revoked

        return await self._run(token.user_id, act)

    async def change(
        self, user_id: UserId, password_hash: str, kept: SessionId, change: Change, *, sign_in_generation: int
    ) -> bool:
        """Ends all other sessions, and all tokens of mails. False if the account is gone or has another generation."""

        async def act(session: Any) -> _Ended | None:
            if not await self._set(session, user_id, password_hash, sign_in_generation):
                return None
            await self._tokens.end_all(session, user_id)
            await self._sessions.carry_over_within(session, kept, sign_in_generation + 1)
            ended = await self._sessions.end_all_within(session, user_id, keep=kept)
            await add_change(self._outbox, session, change)
            return ended, None

        return await self._run(user_id, act)

    async def _run(self, user_id: UserId, act: Callable[[Any], Awaitable[_Ended | None]]) -> bool:
        with away_as_unavailable():
            done = await self._mongo.in_transaction(act, changing=(user_id,))
        if done is None:
            return False
        await self._sessions.announce_end(done[0])
        await self._access_tokens.announce_end(done[1])
        return True

    async def _set(self, session: Any, user_id: UserId, password_hash: str, sign_in_generation: int) -> bool:
        which = {"_id": user_id, **NOT_DELETED, **of_generation(sign_in_generation)}
        new = {"password_hash": password_hash, "sign_in_generation": sign_in_generation + 1}
        result = await self._users.update_one(which, {"$set": new}, session=session)
        return bool(result.matched_count)
