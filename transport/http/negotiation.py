"""Content negotiation: served media types that a client accepts, by q, then in the order of its header."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

MOST_RANGES = 40
NAMED = 3
LONGEST_KEPT = 300
PARTS = {separator: re.compile(rf'(?:[^{separator}"]|"[^"]*")+') for separator in ",;"}


class MediaType(StrEnum):
    """Served media types, in order of preference where the client has none."""

    JSON = "application/json"
    RESPONSE_JSON = "application/graphql-response+json"
    EVENT_STREAM = "text/event-stream"
    MULTIPART = "multipart/mixed"
    HTML = "text/html"


SINGLE = (MediaType.RESPONSE_JSON, MediaType.JSON)
STREAMS = (MediaType.EVENT_STREAM, MediaType.MULTIPART)


@dataclass(frozen=True, slots=True)
class Choice:
    """A media type with the client's parameters, names in lower case."""

    media: MediaType
    parameters: Mapping[str, str] = field(default_factory=dict)
    is_named: bool = False
    """Whether the client listed this type itself, not a wildcard."""


@dataclass(frozen=True, slots=True)
class _Range:
    name: str
    quality: float
    parameters: Mapping[str, str]

    def specificity(self, media: MediaType) -> int:
        """0 if the range does not cover the media type."""
        if self.name == media:
            return NAMED
        if self.name == f"{media.partition('/')[0]}/*":
            return 2
        return 1 if self.name == "*/*" else 0


class Accepted:
    """Served media types that a client accepts, best first."""

    def __init__(self, accept: str | None) -> None:
        ranges = list(_ranges(accept or "*/*"))
        ranked = []
        for preference, media in enumerate(MediaType):
            covering = [(each.specificity(media), -position) for position, each in enumerate(ranges)]
            specificity, position = max(covering, default=(0, 0))
            closest = ranges[-position] if specificity else None
            if closest and closest.quality > 0:
                choice = Choice(media, closest.parameters, specificity == NAMED)
                ranked.append((-closest.quality, -position, preference, choice))
        ranked.sort(key=lambda entry: entry[:3])
        self._choices = [choice for *_, choice in ranked]

    def prefers_html(self) -> bool:
        return bool(self._choices) and self._choices[0].media is MediaType.HTML

    def single(self) -> Choice | None:
        """For one answer: a plain response if accepted, else a stream of one answer."""
        return self._best(*SINGLE, MediaType.EVENT_STREAM) or self._best(MediaType.MULTIPART)

    def several(self) -> Choice | None:
        """For many answers."""
        return self._best(*STREAMS)

    def parts(self) -> Choice | None:
        """For an incremental answer."""
        return self._best(MediaType.MULTIPART, MediaType.EVENT_STREAM)

    def errors(self) -> Choice:
        """For an error; JSON if no served type is accepted."""
        return self._best(*SINGLE) or Choice(MediaType.JSON)

    def _best(self, *served: MediaType) -> Choice | None:
        return next((choice for choice in self._choices if choice.media in served), None)


def accepted_by(accept: str) -> Accepted:
    """Cached by header: clients send the same few."""
    return _cached_accepted(accept) if len(accept) <= LONGEST_KEPT else Accepted(accept)


@lru_cache(maxsize=256)
def _cached_accepted(accept: str) -> Accepted:
    return Accepted(accept)


def _ranges(accept: str) -> Iterator[_Range]:
    for text in PARTS[","].findall(accept)[:MOST_RANGES]:
        name, *rest = [part.strip() for part in PARTS[";"].findall(text)] or [""]
        pairs = (part.partition("=") for part in rest)
        parameters = {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs}
        yield _Range(name.lower(), _quality(parameters.pop("q", "1")), parameters)


def _quality(text: str) -> float:
    """0 for anything but a number from 0 to 1 with at most three decimals (RFC 9110, 12.4.2)."""
    return float(text) if re.fullmatch(r"0(\.\d{0,3})?|1(\.0{0,3})?", text) else 0.0
