"""The device of a request, a session or a tweet, as its client states it."""

from enum import StrEnum

import msgspec


class DeviceKind(StrEnum):
    WEB = "WEB"
    IOS = "IOS"
    ANDROID = "ANDROID"
    API = "API"


class Device(msgspec.Struct, frozen=True, array_like=True):
    kind: DeviceKind = DeviceKind.API
    app_version: str | None = None
    locale: str | None = None


UNKNOWN_DEVICE = Device()
