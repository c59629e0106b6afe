"""Bytes of cached rows: MessagePack, and for rows that are changed in place the changes behind it.

A change names the act that made it. Changes may arrive in another order than that of the acts, and more than once; a
change that is older than the row, which was read from MongoDB after it, is left out.
"""

import struct
from collections.abc import Callable, Iterable
from typing import Any, Final, Generic, NamedTuple, TypeVar

import msgspec

from core.ids import ms_of

Row = TypeVar("Row")
_HEAD, _CHANGE = struct.Struct(">Iq"), struct.Struct(">Bqq")
NO_ROW: Final = _HEAD.pack(0, 0)
"""The head of changes that wait for their row."""
# A change takes no longer from its act to the row; less than a tombstone lasts, which keeps rows from being filled.
_LATE_MS: Final = 2_000


class RowChange(NamedTuple):
    """`kind` is a number of the row's type, 0 to 255; `value` is an id; `act_id` that of the act."""

    kind: int
    value: int
    act_id: int

    def encode(self) -> bytes:
        return _CHANGE.pack(self.kind, self.value, self.act_id)


class RowCodec(Generic[Row]):
    """`row` is the type of the rows. Rows with a method `with_changes` are changed in place: it takes the changes in
    the order of their acts.
    """

    def __init__(self, row: Any) -> None:
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(row).decode
        self._with_changes: Callable[[Row, Iterable[RowChange]], Row] | None = getattr(row, "with_changes", None)

    @property
    def is_changeable(self) -> bool:
        return self._with_changes is not None

    def encode(self, row: Row, as_of_ms: int) -> bytes:
        """`as_of_ms`: Unix time before the row was read."""
        raw = self._encode(row)
        return raw if self._with_changes is None else _HEAD.pack(len(raw), as_of_ms) + raw

    def decode(self, raw: bytes) -> Row | None:
        """None for a tombstone, for changes without a row, and for bytes that another version of the program wrote."""
        try:
            if self._with_changes is None:
                row: Row = self._decode(raw)
                return row
            return self._changed(raw, self._with_changes)
        except (msgspec.MsgspecError, struct.error):
            return None

    def _changed(self, raw: bytes, with_changes: Callable[[Row, Iterable[RowChange]], Row]) -> Row:
        length, as_of_ms = _HEAD.unpack_from(raw)
        end = _HEAD.size + length
        row: Row = self._decode(raw[_HEAD.size : end])
        if len(raw) == end:
            return row
        changes = [RowChange(*change) for change in _CHANGE.iter_unpack(raw[end:])]
        changes = [change for change in changes if ms_of(change.act_id) > as_of_ms - _LATE_MS]
        return with_changes(row, sorted(changes, key=lambda change: change.act_id))
