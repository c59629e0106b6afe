"""Records of users: the public profile and the private account, and their conversion to and from documents."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import msgspec

from core.auth.tokens import utc_now
from core.ids import TweetId, UserId
from core.roles import Role
from core.text.name_prefixes import name_words, prefixes
from core.text.text import email_key, handle_key
from datastore.mongo.client import Document

HIDDEN_FOR: Final = timedelta(days=1)
"""A sign-up that must be verified is hidden until then, and deleted after that time."""
_TEXTS = {"handle": 1, "name": 1, "bio": 1, "is_protected": 1, "is_verified": 1}
MODERATION: Final = "moderation"
"""Field with the decisions that stand about a person: `suspended` and `limited` hold their ids, and are absent else."""
SUSPENDED, LIMITED = f"{MODERATION}.suspended", f"{MODERATION}.limited"
NOT_SUSPENDED: Final[Document] = {SUSPENDED: {"$exists": False}}
PROFILE = {**_TEXTS, "avatar": 1, "banner": 1, "pinned": 1, MODERATION: 1}


class UserRecord(msgspec.Struct, frozen=True, array_like=True):
    """The public profile; the id contains the time of registration. `avatar` and `banner` are paths of pictures.

    `pinned` may be a tweet that was deleted.
    `is_suspended`: to everybody as if it were deleted. `is_limited`: strangers see it only where they go to it.
    """

    id: UserId
    handle: str
    name: str
    bio: str | None = None
    avatar: str | None = None
    is_protected: bool = False
    is_verified: bool = False
    banner: str | None = None
    pinned: TweetId | None = None
    is_suspended: bool = False
    is_limited: bool = False


class UserCounts(msgspec.Struct, frozen=True, array_like=True):
    followers: int = 0
    following: int = 0
    tweets: int = 0


class AccountRecord(msgspec.Struct, frozen=True):
    """A profile with its private part. `password_hash` is argon2's encoded form.

    `is_hidden`: a sign-up that waits for its verification. It has no address yet that others may not have too.
    `origin`: the wide range of addresses from which it signed up, None if it is not known. `waits` for approval.

    `sign_in_generation` grows with each change of the password; sessions of earlier generations are over.
    `suspended_by`: the decision that suspends it.
    """

    user: UserRecord
    email: str
    password_hash: str
    date_of_birth: date | None = None
    is_email_verified: bool = True
    pending_email: str | None = None
    is_hidden: bool = False
    role: Role = Role.MEMBER
    origin: str | None = None
    waits: bool = False
    sign_in_generation: int = 0
    suspended_by: int | None = None

    @property
    def unverified_addresses(self) -> tuple[str, ...]:
        """The address that a verification would make the account's, if there is one."""
        if self.pending_email is not None:
            return (self.pending_email,)
        return () if self.is_email_verified else (self.email,)


def to_document(account: AccountRecord) -> Document:
    """The document of a new account."""
    profile = msgspec.structs.asdict(account.user)
    for standing in ("is_suspended", "is_limited"):
        del profile[standing]
    born = account.date_of_birth
    state: Document = {} if account.is_email_verified else {"is_unverified": True}
    if account.is_hidden:
        state |= {"is_hidden": True, "hidden_until": utc_now() + HIDDEN_FOR}
        state["hidden_email_key"] = email_key(account.email)
    return {
        "_id": profile.pop("id"),
        **profile,
        "handle_key": handle_key(account.user.handle),
        # Hidden sign-ups are not among the names that are searched.
        "names": [] if account.is_hidden else prefixes(name_words(account.user.handle, account.user.name)),
        "email": account.email,
        # Not the key of an address, so that a hidden sign-up takes it from nobody.
        "email_key": str(account.user.id) if account.is_hidden else email_key(account.email),
        "password_hash": account.password_hash,
        "date_of_birth": None if born is None else born.isoformat(),
        "counts": {"followers": 0, "following": 0, "tweets": 0},
        **state,
        **({} if account.origin is None else {"origin": account.origin}),
        **({"waits": True} if account.waits else {}),
    }


def to_profile(row: Mapping[str, Any]) -> UserRecord:
    texts = {name: row[name] for name in _TEXTS}
    standing = row.get(MODERATION, {})
    return UserRecord(
        UserId(row["_id"]),
        **texts,
        avatar=row.get("avatar"),
        banner=row.get("banner"),
        pinned=row.get("pinned"),
        is_suspended="suspended" in standing,
        is_limited="limited" in standing,
    )


def to_account(row: Mapping[str, Any]) -> AccountRecord:
    born = row["date_of_birth"]
    return AccountRecord(
        to_profile(row),
        row["email"],
        row["password_hash"],
        None if born is None else date.fromisoformat(born),
        is_email_verified=not row.get("is_unverified", False),
        pending_email=row.get("pending_email"),
        is_hidden=row.get("is_hidden", False),
        role=Role(row.get("role", Role.MEMBER)),
        origin=row.get("origin"),
        waits=row.get("waits", False),
        sign_in_generation=row.get("sign_in_generation", 0),
        suspended_by=row.get(MODERATION, {}).get("suspended"),
    )
