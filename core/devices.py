"""The device of a request, a session or a tweet, as its client states it."""

from enum import StrEnum

import msgspec


class DeviceKind(StrEnum):
    WEB = "WEB"
    IOS = "IOS"
    ANDROID = "ANDROID"
    API = "API"


class Device(msgspec.Struct, frozen=True, array_like=True):
    """`id` is made by the client once and kept, so that a device is known again."""

    kind: DeviceKind = DeviceKind.API
    app_version: str | None = None
    locale: str | None = None
    id: str | None = None


UNKNOWN_DEVICE = Device()
