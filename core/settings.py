"""Settings from environment variables ROOKERY_*. A wrong value stops the start and says what is allowed."""

import os
import secrets
import sys
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.limits import LIMIT_FORM, Limit, LimitedAct
from core.network.smtp_url import OFF
from core.setting_forms import (
    SHORTEST_SECRET_BYTES,
    ActLimit,
    Key,
    MailAddress,
    MailServer,
    MediaUrl,
    MongoUrl,
    Networks,
    Origins,
    RedisUrl,
    VapidKey,
    WebAddress,
)

_PREFIX = "ROOKERY_"
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
# Variables of client examples, benchmarks and tests.
_NO_SETTINGS = ("URL", "LOGIN", "PASSWORD", "BENCH_", "REAL_DATA", "PICTURES", "LAUNCHED_BY")


class Environment(StrEnum):
    DEV = "dev"
    PROD = "prod"


class MongoDriver(StrEnum):
    PYMONGO = "pymongo"
    MOTOR = "motor"


class Switch(StrEnum):
    ON = "on"
    OFF = "off"


class VerifyEmail(StrEnum):
    """`REQUIRED`: who has not verified their address may read, and do nothing."""

    OPTIONAL = "optional"
    REQUIRED = "required"


class SignUp(StrEnum):
    """`APPROVAL`: nobody sees a new account, nor can it sign in, before a moderator approved it."""

    OPEN = "open"
    APPROVAL = "approval"
    CLOSED = "closed"


class SettingsError(SystemExit):
    """Settings have values that are not allowed; ends the program with one line for each."""


class Settings(BaseSettings):
    """Read from the environment only. A URL that is None means an embedded store."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    mongo_url: MongoUrl | None = None
    mongo_driver: MongoDriver = MongoDriver.PYMONGO
    redis_url: RedisUrl | None = None
    jobs_url: RedisUrl | None = None
    secret_key: Key | None = None
    secret_key_previous: Key | None = None
    env: Environment = Environment.DEV
    allowed_origins: Origins = ()
    rate_limit: Switch = Switch.ON
    engine: Switch = Switch.ON
    timeline_length: int = Field(default=800, ge=1, le=10_000, description="a whole number from 1 to 10000")
    fanout_limit: int = Field(default=10_000, ge=1, description="a whole number from 1")
    ad_spacing: int = Field(default=8, ge=0, le=1_000, description="a whole number from 0 to 1000")
    trusted_documents: str | None = None
    media_url: MediaUrl | None = None
    media_limit: int = Field(default=8_000_000, ge=1_000, le=50_000_000, description="bytes from 1000 to 50000000")
    trusted_proxies: Networks = ()
    public_url: WebAddress | None = None
    vapid_private_key: VapidKey | None = None
    push_to_loopback: Switch = Switch.OFF
    smtp_url: MailServer | None = None
    mail_from: MailAddress | None = None
    verify_email: VerifyEmail | None = None
    minimum_age: int = Field(default=13, ge=0, le=150, description="years, from 0 to 150")
    sign_up: SignUp = SignUp.OPEN
    ad_review: Switch | None = None
    limit_sign_up: ActLimit = Field(default=Limit(5, _HOUR_MS), description=LIMIT_FORM)
    limit_post: ActLimit = Field(default=Limit(300, 3 * _HOUR_MS), description=LIMIT_FORM)
    limit_follow: ActLimit = Field(default=Limit(400, _DAY_MS), description=LIMIT_FORM)
    limit_mention: ActLimit = Field(default=Limit(50, _DAY_MS), description=LIMIT_FORM)
    limit_like: ActLimit = Field(default=Limit(1_000, _DAY_MS), description=LIMIT_FORM)
    limit_report: ActLimit = Field(default=Limit(50, _DAY_MS), description=LIMIT_FORM)
    grace_seconds: int = Field(default=0, ge=0, le=60, description="a whole number from 0 to 60")
    operations_port: int | None = Field(default=None, ge=1, le=65_535, description="a port from 1 to 65535")
    operations_host: str = "127.0.0.1"
    worker_metrics_port: int | None = Field(default=None, ge=1, le=65_535, description="a port from 1 to 65535")
    worker_metrics_host: str = "127.0.0.1"

    @model_validator(mode="after")
    def _strict_in_prod(self) -> Self:
        if self.env is Environment.PROD and self.secret_key is None:
            raise ValueError("SECRET_KEY is required with ENV=prod: 32 bytes or more")
        if self.env is Environment.PROD and "*" in self.allowed_origins:
            raise ValueError("ALLOWED_ORIGINS may not hold * with ENV=prod: name the origins")
        if self.env is Environment.PROD and self.push_to_loopback is Switch.ON:
            raise ValueError("PUSH_TO_LOOPBACK is for development: it must be off with ENV=prod")
        if self.verify_email is VerifyEmail.REQUIRED and not self.is_mail_on:
            raise ValueError("VERIFY_EMAIL=required needs mail: set SMTP_URL")
        return self

    @property
    def is_prod(self) -> bool:
        return self.env is Environment.PROD

    @property
    def is_mail_on(self) -> bool:
        """Whether mails leave: by `smtp_url`, or in dev without one into a catcher of our own."""
        return not self.is_prod if self.smtp_url is None else self.smtp_url.get_secret_value() != OFF

    @property
    def catches_mail(self) -> bool:
        return self.smtp_url is None and not self.is_prod

    @property
    def requires_verification(self) -> bool:
        if self.verify_email is None:
            return self.is_prod and self.is_mail_on
        return self.verify_email is VerifyEmail.REQUIRED

    @property
    def reviews_ads(self) -> bool:
        return self.is_prod if self.ad_review is None else self.ad_review is Switch.ON

    @property
    def act_limits(self) -> Mapping[LimitedAct, Limit]:
        """Without those that are off."""
        if self.rate_limit is Switch.OFF:
            return {}
        limits = {
            LimitedAct.SIGN_UP: self.limit_sign_up,
            LimitedAct.POST: self.limit_post,
            LimitedAct.FOLLOW: self.limit_follow,
            LimitedAct.MENTION: self.limit_mention,
            LimitedAct.LIKE: self.limit_like,
            LimitedAct.REPORT: self.limit_report,
        }
        return {act: limit for act, limit in limits.items() if limit is not None}


def load_settings() -> Settings:
    """Raises SettingsError with a line for each wrong setting. Writes a line for each name that is no setting."""
    for line in unknown_settings(os.environ).values():
        sys.stderr.write(f"{line}\n")
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_line(fault["loc"], fault["msg"]) for fault in error.errors())) from None


def unknown_settings(environment: Iterable[str]) -> dict[str, str]:
    """A line for each name that begins like a setting and is none, with the nearest one."""
    names = [name.upper() for name in Settings.model_fields]
    lines: dict[str, str] = {}
    for name in environment:
        given = name.upper().removeprefix(_PREFIX)
        if name.upper().startswith(_PREFIX) and given not in names and not given.startswith(_NO_SETTINGS):
            nearest = get_close_matches(given, names, n=1)
            lines[name] = f"{name} is no setting." + (f" Did you mean {_PREFIX}{nearest[0]}?" if nearest else "")
    return lines


def signing_keys(settings: Settings) -> tuple[bytes, ...]:
    """Keys for tokens and cursors: the first signs, all are accepted. Random if none is set, which dev allows."""
    keys = (settings.secret_key, settings.secret_key_previous)
    given = tuple(key.get_secret_value().encode() for key in keys if key is not None)
    return given if settings.secret_key is not None else (secrets.token_bytes(SHORTEST_SECRET_BYTES), *given)


def _line(location: tuple[int | str, ...], message: str) -> str:
    said = message.removeprefix("Value error, ")
    if not location:
        return f"ROOKERY_{said}"
    name = str(location[0])
    allowed = Settings.model_fields[name].description
    return f"ROOKERY_{name.upper()}: " + (f"must be {allowed}" if allowed else said)
