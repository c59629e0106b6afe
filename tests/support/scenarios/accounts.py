"""Accounts of a chosen age and range of addresses, written directly to the database."""

from collections.abc import Sequence
from itertools import count

from core.ids import UserId, first_id_of, wall_ms
from core.trends.scoring import HOUR_MS
from datastore.stores import Stores

_numbers = count()


async def new_accounts(stores: Stores, origins: Sequence[str | None], *, hours_old: float) -> list[UserId]:
    """One for each of the ranges; None stands for an unknown one."""
    ids = [UserId(first_id_of(wall_ms() - int(hours_old * HOUR_MS)) + next(_numbers)) for _ in origins]
    rows = [
        {"_id": one, "handle": f"p{one}"[-15:], "handle_key": f"p{one}", "email_key": f"{one}", "name": "P"}
        | {"bio": None, "avatar_url": None, "is_protected": False, "is_verified": False}
        | ({} if origin is None else {"origin": origin})
        for one, origin in zip(ids, origins, strict=True)
    ]
    await stores.mongo.collection("users").insert_many(rows)
    return ids
