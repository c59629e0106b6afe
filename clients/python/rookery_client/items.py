"""The items of a timeline, newest first, each once."""

from collections.abc import Sequence
from datetime import datetime

from rookery_client.generated import PromotedTweet, Retweet, TimelineEdge, Tweet


def tweet_of(edge: TimelineEdge) -> Tweet:
    """The tweet that an edge shows: its node, or that of a retweet or an advertisement."""
    return edge.node.tweet if isinstance(edge.node, Retweet | PromotedTweet) else edge.node


class Items:
    """At most `most` items: older ones fall off below, and are read again as older pages.

    The pages that were read reach down to a floor, which stays where it is when the last item is removed.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._edges: list[TimelineEdge] = []
        self._ids: set[str] = set()
        # None where a page ended below its last item, or had none: then any item may be one of those that were read.
        self._floor: datetime | None = None

    @property
    def is_full(self) -> bool:
        return len(self._edges) >= self._most

    @property
    def edges(self) -> tuple[TimelineEdge, ...]:
        return tuple(self._edges)

    def replace(self, edges: Sequence[TimelineEdge], end: str | None) -> None:
        """As `append`, for the first page."""
        self._edges.clear()
        self._ids.clear()
        self.append(edges, end)

    def append(self, edges: Sequence[TimelineEdge], end: str | None) -> None:
        """Puts an older page, which reaches down to the cursor `end`, below all that is newer."""
        for edge in edges:
            if edge.node.id not in self._ids:
                self._ids.add(edge.node.id)
                self._edges.insert(self._place_of(edge, is_event=False), edge)
        self._floor = _time_of(edges[-1]) if edges and edges[-1].cursor == end else None

    def cut(self) -> None:
        """Leaves out what was taken in while the floor was not known, and lies below: it comes with a later page."""
        floor = self._floor
        if floor is not None:
            self._edges = [edge for edge in self._edges if (at := _time_of(edge)) is None or at >= floor]
            self._ids = {edge.node.id for edge in self._edges}

    def insert(self, edge: TimelineEdge, *, is_complete: bool) -> bool:
        """Puts an edge at its place, or in that of the same item; false where it lies below an unfinished list."""
        if edge.node.id in self._ids:
            self._edges = [edge if one.node.id == edge.node.id else one for one in self._edges]
            return True
        at = _time_of(edge)
        if not is_complete and at is not None and self._floor is not None and at < self._floor:
            return False
        self._ids.add(edge.node.id)
        self._edges.insert(self._place_of(edge, is_event=True), edge)
        return True

    def remove(self, node_id: str) -> bool:
        """False where it was not there."""
        if node_id not in self._ids:
            return False
        self._ids.remove(node_id)
        self._edges = [edge for edge in self._edges if edge.node.id != node_id]
        return True

    def trim(self) -> str | None:
        """The cursor of the last item, where older ones fell off."""
        fallen = self._edges[self._most :]
        if not fallen:
            return None
        del self._edges[self._most :]
        self._ids.difference_update(edge.node.id for edge in fallen)
        self._floor = _time_of(self._edges[-1])
        return self._edges[-1].cursor

    # Advertisements have no time: they stay between their neighbours. Of equal times that of an event comes first, and
    # those of a page keep their order.
    def _place_of(self, edge: TimelineEdge, *, is_event: bool) -> int:
        at = _time_of(edge)
        if at is None:
            return len(self._edges)
        for place, other in enumerate(self._edges):
            other_at = _time_of(other)
            if other_at is not None and (other_at < at or (is_event and other_at == at)):
                return place
        return len(self._edges)


def _time_of(edge: TimelineEdge) -> datetime | None:
    return None if isinstance(edge.node, PromotedTweet) else edge.node.created_at
