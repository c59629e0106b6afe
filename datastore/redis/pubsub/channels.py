"""Channels of the doorbell: their stays at the lines that serve them, and gaps that their subscribers are told of."""

from dataclasses import dataclass, field
from enum import StrEnum

from broadcaster import Event

from core.runtime.compact_asyncio import CompactEvent


class GapReason(StrEnum):
    JOINED = "joined"
    RECONNECTED = "reconnected"
    TOO_SLOW = "too slow"


class Gap(Event):
    """Stands in the stream where messages may be missing. Its message is the reason."""

    def __init__(self, channel: str, reason: GapReason) -> None:
        super().__init__(channel, reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorbellTimings:
    """A frozen Redis is noticed after `ping_every_seconds` + `answer_seconds` at the latest."""

    ping_every_seconds: float = 2.0
    answer_seconds: float = 2.0
    confirm_seconds: float = 5.0
    first_retry_seconds: float = 0.05
    last_retry_seconds: float = 0.5


@dataclass(slots=True, eq=False)
class Channel:
    """One stay of a channel at one line: who leaves and comes again gets another, so that late answers find nobody.

    Channels of one `slot` may be named in one command.
    """

    name: bytes
    slot: int
    live: CompactEvent = field(default_factory=CompactEvent)
    gap: GapReason | None = None  # to be told when Redis confirms

    def interrupt(self) -> None:
        """From now on messages may pass it by."""
        if self.live.is_set():
            self.live.clear()
            self.gap = GapReason.RECONNECTED

    def moved(self) -> "Channel":
        """The same for its subscribers, at another line."""
        self.interrupt()
        return Channel(self.name, self.slot, self.live, self.gap)
