"""Equal texts that mention one person: which of them tell nothing new, so that a crowd of accounts is as one.

While the notification of a text is unread, its authors are told once each. For 12 hours, read or not, no copy is told
by somebody else whom the person does not follow and who has no voice, or whose range of addresses has said it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from core.ids import ms_of
from core.trends.scoring import Use
from datastore.mongo.client import Document, Mongo
from datastore.notifications.reader import ACCEPTED, ACTS
from datastore.notifications.recipients import Telling, followed_among
from datastore.users.voices import Voices

GROUP_MS = 12 * 3600 * 1000
"""A group takes in further acts for so long from its first, unless it was read."""


def takes_in(group: Document, one: Telling) -> bool:
    return ms_of(one.act_id) < ms_of(group["first"]) + GROUP_MS


class EqualTexts:
    """Lives for one transaction, that of the session: call `learn` first, and `say` for each text that is told."""

    def __init__(self, mongo: Mongo, session: Any, voices: Voices) -> None:
        self._mongo, self._session, self._voices = mongo, session, voices
        self._heard = set[tuple[int, int]]()
        self._said = set[tuple[int, int]]()
        self._followed = set[tuple[int, int]]()
        self._voice_of: dict[int, int | None] = {}

    async def learn(self, groups: Iterable[Document], told: Sequence[Telling]) -> None:
        """`groups` may be others than of texts."""
        texts = [one for one in told if one.recipient.text]
        if not texts:
            return
        voices = await self._voices.of_uses([Use(ms_of(one.act_id), one.actor_id) for one in texts])
        self._voice_of = {one.act_id: voice for one, voice in zip(texts, voices, strict=True)}
        ids = [group["_id"] for group in groups if group.get("text")]
        pairs = {(one.actor_id, one.recipient.user_id) for one in texts}
        self._followed = await followed_among(self._mongo, pairs, self._session) if self._voices.are_strict else set()
        self._heard = await self._acts_of(ids, "actor", {one.actor_id for one in texts})
        self._said = await self._acts_of(ids, "range", {-voice for voice in voices if voice and voice < 0})

    def is_told(self, group: Document | None, one: Telling) -> bool:
        """Whether the act tells nothing new beside the newest group of its text."""
        if group is None or not one.recipient.text or not takes_in(group, one):
            return False
        if (group["_id"], one.actor_id) in self._heard:
            return not group["is_read"]
        is_of_crowd = self._voices.are_strict and one.recipient.text != ACCEPTED
        return is_of_crowd and not self._is_followed(one) and self._is_copy(group, one)

    def say(self, group: Document, one: Telling) -> Document:
        """Notes that the group has the act; returns what the act's document keeps of it."""
        self._heard.add((group["_id"], one.actor_id))
        voice = self._voice_of[one.act_id]
        if voice is None or voice > 0 or one.recipient.text == ACCEPTED:
            return {}
        self._said.add((group["_id"], -voice))
        return {"range": -voice}

    def _is_followed(self, one: Telling) -> bool:
        return (one.actor_id, one.recipient.user_id) in self._followed

    def _is_copy(self, group: Document, one: Telling) -> bool:
        voice = self._voice_of[one.act_id]
        return voice is None or (group["_id"], -voice) in self._said

    async def _acts_of(self, group_ids: Sequence[int], field: str, values: set[int]) -> set[tuple[int, int]]:
        """Those of the groups that have one of the values, each with it."""
        if not group_ids or not values:
            return set()
        query = {"group": {"$in": group_ids}, field: {"$in": list(values)}}
        found = self._mongo.collection(ACTS).find(query, {"group": 1, field: 1, "_id": 0}, session=self._session)
        return {(row["group"], row[field]) async for row in found}
