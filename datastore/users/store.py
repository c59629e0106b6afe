"""Accounts: changes of the public profile, and the private part."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import structlog
from pymongo.errors import DuplicateKeyError

from core.auth.tokens import utc_now
from core.errors import UnavailableError
from core.ids import SnowflakeMaker, UserId
from core.text.name_prefixes import name_words, prefixes
from core.text.text import email_key, handle_key
from datastore.auth.sessions import SessionStore
from datastore.jobs.jobs import AcceptFollowRequests, DeleteAccount, EndSessions, ForgetProfile, PublishProtection
from datastore.jobs.mails import MailRecord
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.existence import NOT_DELETED
from datastore.records.users import (
    PROFILE,
    AccountRecord,
    UserRecord,
    to_account,
    to_document,
    to_profile,
)
from datastore.redis.client import failures_as_unavailable
from datastore.redis.node.pipeline import CommandPipeline
from datastore.users.former_handles import is_quarantined, quarantine
from datastore.users.profiles import ProfileStore

_DELETED = {"handle_key": 1, "is_hidden": 1}
_UNIQUE_KEYS = {"handle_key": 1, "email_key": 1}
_log = structlog.get_logger()


class TakenError(Exception):
    """The handle or e-mail address belongs to another account; `field` is "handle" or "email"."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class UserStore(ProfileStore):
    """Changes of profiles and accounts, and the private part, which is always read from MongoDB."""

    def __init__(
        self, mongo: Mongo, pipeline: CommandPipeline, *, outbox: Outbox, sessions: SessionStore, ids: SnowflakeMaker
    ) -> None:
        super().__init__(mongo, pipeline)
        self._mongo, self._outbox, self._sessions, self._ids = mongo, outbox, sessions, ids

    async def insert(self, account: AccountRecord, *mails: MailRecord) -> None:
        """Raises TakenError if handle or e-mail address are in use, ignoring case, or the handle was until lately."""

        async def act(session: Any) -> None:
            if await is_quarantined(self._mongo, handle_key(account.user.handle), session):
                raise TakenError("handle")
            await self._users.insert_one(to_document(account), session=session)
            await self._outbox.mails.add(session, *mails)

        with away_as_unavailable():
            try:
                await self._mongo.in_transaction(act)
            except DuplicateKeyError as error:
                raise TakenError(_taken_field(error)) from None

    async def in_use(self, handle: str, email: str) -> list[str]:
        """The subset of "handle" and "email" that nobody can have now, ignoring case."""
        wanted = {"handle": ("handle_key", handle_key(handle)), "email": ("email_key", email_key(email))}
        with away_as_unavailable():
            found = self._users.find({"$or": [{key: value} for key, value in wanted.values()]}, _UNIQUE_KEYS)
            rows = [row async for row in found]
            is_left = await is_quarantined(self._mongo, handle_key(handle))
        return [
            field
            for field, (key, value) in wanted.items()
            if any(row[key] == value for row in rows) or (field == "handle" and is_left)
        ]

    async def expired_sign_ups(self, limit: int) -> list[UserId]:
        """Hidden accounts whose time for the verification is over."""
        with away_as_unavailable():
            query = {"is_hidden": True, "hidden_until": {"$lt": utc_now()}}
            found = self._users.find(query, {"_id": 1}).limit(limit)
            return [UserId(row["_id"]) async for row in found]

    async def unverified_among(self, ids: Sequence[UserId]) -> set[UserId]:
        """The subset of users who have not verified an address."""
        with away_as_unavailable():
            found = self._users.find({"_id": {"$in": list(ids)}, "is_unverified": True}, {"_id": 1})
            return {UserId(row["_id"]) async for row in found}

    async def id_pages(self, size: int) -> AsyncIterator[list[UserId]]:
        """Ids of all users in pages, accounts created meanwhile included."""
        after = 0
        while True:
            with away_as_unavailable():
                found = self._users.find({"_id": {"$gt": after}, **NOT_DELETED}, {"_id": 1}).sort("_id", 1).limit(size)
                page = [UserId(row["_id"]) async for row in found]
            if not page:
                return
            after = page[-1]
            yield page

    async def is_empty(self) -> bool:
        """Whether there is no account yet."""
        with away_as_unavailable():
            return await self._users.find_one({}, {"_id": 1}) is None

    async def get_account(self, user_id: UserId) -> AccountRecord | None:
        return await self._account({"_id": user_id})

    async def get_deleted(self, user_id: UserId) -> AccountRecord | None:
        """The account also while it is being deleted."""
        with away_as_unavailable():
            row = await self._users.find_one({"_id": user_id})
        return None if row is None else to_account(row)

    async def account_by_login(self, login_key: str) -> AccountRecord | None:
        """By e-mail address if the key contains an @, else by handle; keys are in lower case."""
        return await self._account({"email_key" if "@" in login_key else "handle_key": login_key})

    async def hidden_by_email(self, key: str) -> AccountRecord | None:
        """The newest sign-up with this address that waits for its verification. None for what is no address."""
        if "@" not in key:
            return None
        with away_as_unavailable():
            found = self._users.find({"hidden_email_key": key, **NOT_DELETED}).sort("_id", -1).limit(1)
            rows = [row async for row in found]
        return to_account(rows[0]) if rows else None

    async def update_profile(
        self,
        user_id: UserId,
        changes: Mapping[str, str | bool | int | None],
        *,
        accept_requests: AcceptFollowRequests | None = None,
        publish_protection: PublishProtection | None = None,
    ) -> UserRecord | None:
        """`changes` by field name of UserRecord. Returns the new profile; None if the account is gone.

        `accept_requests` goes to the outbox with the change, `publish_protection` only if it changes `is_protected`.
        """

        async def update(session: Any) -> tuple[Document | None, ForgetProfile | None]:
            if publish_protection is not None and await self._changes_protection(session, publish_protection):
                await self._outbox.add(session, publish_protection)
                await self._record_protection(session, publish_protection)
            row = await self._update(session, user_id, changes)
            if row is None:
                return None, None
            if accept_requests is not None:
                await self._outbox.add(session, accept_requests)
            return row, await self.changed_within(session, user_id)

        with away_as_unavailable():
            row, changed = await self._mongo.in_transaction(update)
        await self.announce_change(changed)
        return None if row is None else to_profile(row)

    async def changed_within(self, session: Any, user_id: UserId) -> ForgetProfile:
        """Call within a transaction that changes the profile; after it call `announce_change`."""
        job = ForgetProfile(self._ids(), user_id)
        await self._outbox.add(session, job)
        return job

    async def announce_change(self, job: ForgetProfile | None) -> None:
        """Makes Redis forget the profile. Never raises UnavailableError: what Redis did not take, the job repeats."""
        if job is None:
            return
        try:
            with failures_as_unavailable():
                await self._profiles.forget(job.user_id)
            await self._outbox.finish(job)
        except UnavailableError as error:
            _log.warning("profile not forgotten", error=repr(error))

    async def begin_deletion(self, act: DeleteAccount, *, only_expired: bool = False) -> bool:
        """Hides the account, ends its sessions and refuses sign-ins at once; the job deletes what it wrote.

        Does nothing and returns False if `only_expired` and the account is no sign-up whose time is over.
        """
        which: Document = {"hidden_until": {"$lt": utc_now()}} if only_expired else {}

        async def begin(session: Any) -> tuple[bool, EndSessions | None]:
            deleted = {"$set": {"is_deleted": True}, "$unset": {"hidden_until": 1}}
            query = {"_id": act.user_id, **which}
            row = await self._users.find_one_and_update(query, deleted, _DELETED, session=session)
            if row is None:
                return not only_expired, None
            if not row.get("is_hidden"):
                await quarantine(self._mongo, row["handle_key"], session)
            await self._outbox.add(session, act)
            return True, await self._sessions.end_all_within(session, act.user_id)

        with away_as_unavailable():
            is_done, ended = await self._mongo.in_transaction(begin, changing=(act.user_id,))
        await self._profiles.invalidate(act.user_id)
        await self._sessions.announce_end(ended)
        return is_done

    async def delete(self, user_id: UserId) -> None:
        """Deletes the document, once nothing refers to it."""
        with away_as_unavailable():
            await self._users.delete_one({"_id": user_id})
        await self._profiles.invalidate(user_id)

    async def _changes_protection(self, session: Any, job: PublishProtection) -> bool:
        query = {"_id": job.user_id, **NOT_DELETED, "is_protected": not job.is_protected}
        return await self._users.find_one(query, {"_id": 1}, session=session) is not None

    async def _record_protection(self, session: Any, job: PublishProtection) -> None:
        """By it a follow that was written beside the protection is found."""
        protected_by = {"protected_by": job.act_id}
        change = {"$set": protected_by} if job.is_protected else {"$unset": protected_by}
        await self._users.update_one({"_id": job.user_id}, change, session=session)

    async def _update(
        self, session: Any, user_id: UserId, changes: Mapping[str, str | bool | int | None]
    ) -> Document | None:
        row: Document | None = await self._users.find_one_and_update(
            {"_id": user_id, **NOT_DELETED},
            {"$set": dict(changes)},
            projection=PROFILE,
            return_document=True,
            session=session,
        )
        if row is not None and "name" in changes:
            names = prefixes(name_words(row["handle"], row["name"]))
            await self._users.update_one({"_id": user_id}, {"$set": {"names": names}}, session=session)
        return row

    async def _account(self, query: Mapping[str, object]) -> AccountRecord | None:
        with away_as_unavailable():
            row = await self._users.find_one({**query, **NOT_DELETED})
        return None if row is None else to_account(row)


def _taken_field(error: DuplicateKeyError) -> str:
    pattern = (error.details or {}).get("keyPattern", {})
    return "email" if "email_key" in pattern else "handle"
