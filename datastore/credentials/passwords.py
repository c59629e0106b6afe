"""Passwords: each change is one transaction with the end of sessions, the mail and the notification that tell of it."""

from collections.abc import Awaitable, Callable
from typing import Any

from core.ids import SessionId, UserId
from datastore.credentials.addresses import Change, add_change
from datastore.credentials.mail_tokens import MailToken, MailTokenStore, TokenPurpose
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Mongo, away_as_unavailable
from datastore.mongo.existence import NOT_DELETED
from datastore.users.stores import UserStores


class PasswordStore:
    def __init__(self, mongo: Mongo, outbox: Outbox, tokens: MailTokenStore, users: UserStores) -> None:
        self._mongo, self._outbox, self._tokens = mongo, outbox, tokens
        self._sessions, self._access_tokens = users.sessions, users.access_tokens
        self._users = mongo.collection("users")

    async def reset(self, token: MailToken, password_hash: str, change: Change) -> bool:
        """Ends all sessions, all scoped tokens and all tokens of mails. False if the token has ended."""

        async def act(session: Any) -> list[SessionId] | None:
            if not await self._tokens.use(session, TokenPurpose.RESET, token):
                return None
            await self._tokens.end_all(session, token.user_id)
            await self._access_tokens.end_within(session, token.user_id)
            return await self._set(session, token.user_id, password_hash, change)

        is_done = await self._run(act)
        if is_done:
            await self._access_tokens.delete_of(token.user_id)
        return is_done

    async def change(self, user_id: UserId, password_hash: str, kept: SessionId, change: Change) -> bool:
        """Ends all other sessions, and all tokens of mails. False if the account is gone."""

        async def act(session: Any) -> list[SessionId] | None:
            await self._tokens.end_all(session, user_id)
            return await self._set(session, user_id, password_hash, change, kept=kept)

        return await self._run(act)

    async def _run(self, act: Callable[[Any], Awaitable[list[SessionId] | None]]) -> bool:
        with away_as_unavailable():
            ended = await self._mongo.in_transaction(act)
        if ended:
            await self._sessions.publish_end(ended)
        return ended is not None

    async def _set(
        self, session: Any, user_id: UserId, password_hash: str, change: Change, *, kept: SessionId | None = None
    ) -> list[SessionId] | None:
        """Returns the sessions that it ended; None if the account is gone."""
        new = {"$set": {"password_hash": password_hash}}
        result = await self._users.update_one({"_id": user_id, **NOT_DELETED}, new, session=session)
        if not result.matched_count:
            return None
        ended = await self._sessions.delete_others(session, user_id, kept)
        await add_change(self._outbox, session, change)
        return ended
