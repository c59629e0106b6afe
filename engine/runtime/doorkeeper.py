"""Doorkeeper of a cache: what many clients send once and never again is kept from its second time on."""

from collections import OrderedDict

MOST_SEEN = 4_096


class Doorkeeper:
    """Hashes of keys that were seen once, the latest of them."""

    def __init__(self, most: int = MOST_SEEN) -> None:
        self._hashes: OrderedDict[int, None] = OrderedDict()
        self._most = most

    def __call__(self, key: object) -> bool:
        """Whether the key was seen before; notes it if not."""
        number = hash(key)
        if number in self._hashes:
            del self._hashes[number]
            return True
        self._hashes[number] = None
        if len(self._hashes) > self._most:
            self._hashes.popitem(last=False)
        return False
