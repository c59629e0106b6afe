"""Devices that clients name in their requests."""

from functools import cache
from typing import Annotated

import strawberry

from core.devices import UNKNOWN_DEVICE, Device, DeviceKind
from core.errors import BadInputError
from core.runtime.metrics import DEVICE_REQUESTS, Counter
from schema.values import enums  # noqa: F401 - describes the kinds before they are used

LONGEST_DEVICE_TEXT = 64


@strawberry.input(description="A client's device.")
class DeviceInput:
    kind: DeviceKind = strawberry.field(description="Kind of device.")
    app_version: str | None = strawberry.field(default=None, description="Version of the client program.")
    locale: str | None = strawberry.field(default=None, description="Language of the client (BCP 47).")
    id: str | None = strawberry.field(
        default=None,
        description="Made by the client once and kept, so that a device is known again; 64 characters at most.",
    )


FromDevice = Annotated[DeviceInput | None, strawberry.argument(description="The client's device, for statistics.")]


def count_device(field: str, device: DeviceInput | None) -> DeviceKind:
    """Counts the request by device and returns the kind. Raises BadInputError as `device_of` does."""
    kind = device_of(device).kind
    _counter(field, kind).inc()
    return kind


@cache
def _counter(field: str, kind: DeviceKind) -> Counter:
    """Cached: looking a label up takes as long as counting, and there are few."""
    return DEVICE_REQUESTS.labels(field, kind)


def device_of(device: DeviceInput | None) -> Device:
    """Raises BadInputError for texts that are too long or not printable."""
    if device is None:
        return UNKNOWN_DEVICE
    for text in (device.app_version, device.locale, device.id):
        if text is not None and not (len(text) <= LONGEST_DEVICE_TEXT and text.isprintable()):
            raise BadInputError(f"appVersion, locale and id have {LONGEST_DEVICE_TEXT} printable characters at most.")
    return Device(device.kind, device.app_version, device.locale, device.id)
