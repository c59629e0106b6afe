"""The only writer of notification groups."""

from collections.abc import Sequence

from core.ids import SnowflakeMaker, UserId
from datastore.jobs.act_outbox import is_own_outbox
from datastore.jobs.jobs import Notify
from datastore.mongo.client import Mongo
from datastore.notifications.act_writer import ActNotificationWriter
from datastore.notifications.entry_writer import EntryNotificationWriter
from datastore.timelines.changes import UnpublishedChange
from datastore.users.voices import Voices


class NotificationWriter:
    """Acts that are their own outbox are run together, the others one by one."""

    def __init__(self, mongo: Mongo, ids: SnowflakeMaker, voices: Voices) -> None:
        self._acts = ActNotificationWriter(mongo, ids, voices)
        self._entries = EntryNotificationWriter(mongo, ids, voices)

    async def apply(self, jobs: Sequence[Notify]) -> list[UnpublishedChange]:
        """Runs the jobs. Returns the changes to publish, in order for each user.

        Changes of jobs that another worker ran and did not finish are among them for entries of the outbox alone: for
        the others see `users_of`.
        """
        acts = [job for job in jobs if is_own_outbox(job)]
        changes = await self._acts.apply(acts) if acts else []
        for job in jobs:
            if not is_own_outbox(job):
                changes += await self._entries.apply(job)
        return changes

    async def users_of(self, jobs: Sequence[Notify]) -> set[UserId]:
        """Users whose notifications jobs of acts that are their own outbox may have changed."""
        acts = [job for job in jobs if is_own_outbox(job)]
        return await self._acts.users_of(acts) if acts else set()

    async def delete_user(self, user_id: UserId) -> list[UnpublishedChange]:
        """Deletes all notifications of the user and all about their acts. Returns the changes to publish."""
        return await self._entries.delete_user(user_id)

    async def delete_state(self, user_id: UserId) -> None:
        """For a state that a job under way made of a deleted user."""
        await self._entries.delete_state(user_id)
