"""Approximate counts of the accounts that used each hashtag, in bounded memory."""

from heapq import nlargest
from math import log
from typing import Final

_BITS: Final = 1024
_WORD: Final = (1 << 64) - 1


class LinearCounters:
    """One linear counter (1,024 bits, an account sets one) per hashtag.

    Beyond twice `most` hashtags the least used are dropped. Adding the same use again changes nothing.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._bits: dict[str, int] = {}
        self._changed: set[str] = set()

    def __len__(self) -> int:
        return len(self._bits)

    def add(self, tag: str, account: int) -> None:
        known = self._bits.get(tag, 0)
        bits = known | 1 << _mixed(account) % _BITS
        if bits != known:
            self._bits[tag] = bits
            self._changed.add(tag)
        if len(self._bits) > 2 * self._most:
            self._bits = self._best()

    def take_changed(self) -> dict[str, float]:
        """Estimates of hashtags changed since the last call, among the `most` used ones."""
        self._bits = self._best()
        changed = {tag: _estimate(self._bits[tag]) for tag in self._changed if tag in self._bits}
        self._changed.clear()
        return changed

    def _best(self) -> dict[str, int]:
        if len(self._bits) <= self._most:
            return self._bits
        return dict(nlargest(self._most, self._bits.items(), key=lambda entry: entry[1].bit_count()))


def _mixed(number: int) -> int:
    """A uniform hash, which linear counting needs (the finalizer of MurmurHash3)."""
    number = (number ^ number >> 33) * 0xFF51AFD7ED558CCD & _WORD
    number = (number ^ number >> 33) * 0xC4CEB9FE1A85EC53 & _WORD
    return number ^ number >> 33


def _estimate(bits: int) -> float:
    free = max(_BITS - bits.bit_count(), 0.5)
    return _BITS * log(_BITS / free)
