"""Channels of the pub/sub backend, and the gaps by which subscribers learn that messages may be missing."""

from dataclasses import dataclass, field
from enum import StrEnum

from broadcaster import Event

from core.runtime.compact_asyncio import CompactEvent


class GapReason(StrEnum):
    JOINED = "joined"
    RECONNECTED = "reconnected"
    TOO_SLOW = "too slow"


class Gap(Event):
    """Takes the place of messages that may be missing. Its message is the reason."""

    def __init__(self, channel: str, reason: GapReason) -> None:
        super().__init__(channel, reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class PubSubTimings:
    """A frozen Redis is detected after `ping_every_seconds` + `answer_seconds` at the latest."""

    ping_every_seconds: float = 2.0
    answer_seconds: float = 2.0
    confirm_seconds: float = 5.0
    first_retry_seconds: float = 0.05
    last_retry_seconds: float = 0.5


@dataclass(slots=True, eq=False)
class Channel:
    """A subscription to a channel on one connection.

    One that ends and begins again is a new object, so that late replies to the old one are ignored. Only channels of
    one `slot` may be named in one command. `pending_gap` is delivered when Redis confirms the subscription.
    """

    name: bytes
    slot: int
    confirmed: CompactEvent = field(default_factory=CompactEvent)
    pending_gap: GapReason | None = None

    def interrupt(self) -> None:
        """Messages may be missed from now on, until the next confirmation."""
        if self.confirmed.is_set():
            self.confirmed.clear()
            self.pending_gap = GapReason.RECONNECTED

    def moved(self) -> "Channel":
        """For another connection, with the same waiters for its confirmation."""
        self.interrupt()
        return Channel(self.name, self.slot, self.confirmed, self.pending_gap)
