"""Settings: defaults, refusal of every wrong value by name, and requirements of prod."""

import pytest
from pydantic import SecretStr

from core.limits import LIMIT_FORM, Limit
from core.settings import (
    Environment,
    MongoDriver,
    Settings,
    SettingsError,
    SignUp,
    Switch,
    VerifyEmail,
    load_settings,
    signing_keys,
)

KEY, PREVIOUS = "k" * 32, "p" * 32
DAY_MS = 24 * 3_600_000
VAPID = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
DEFAULTS: dict[str, object] = {
    "mongo_url": None,
    "mongo_driver": MongoDriver.PYMONGO,
    "redis_url": None,
    "jobs_url": None,
    "secret_key": None,
    "secret_key_previous": None,
    "env": Environment.DEV,
    "allowed_origins": (),
    "rate_limit": Switch.ON,
    "engine": Switch.ON,
    "timeline_length": 800,
    "fanout_limit": 10_000,
    "ad_spacing": 8,
    "trusted_documents": None,
    "media_url": None,
    "media_limit": 8_000_000,
    "trusted_proxies": (),
    "public_url": None,
    "vapid_private_key": None,
    "push_to_loopback": Switch.OFF,
    "smtp_url": None,
    "mail_from": None,
    "verify_email": None,
    "minimum_age": 13,
    "sign_up": SignUp.OPEN,
    "ad_review": None,
    "limit_sign_up": Limit(5, 3_600_000),
    "limit_post": Limit(300, 3 * 3_600_000),
    "limit_follow": Limit(400, DAY_MS),
    "limit_mention": Limit(50, DAY_MS),
    "limit_like": Limit(1_000, DAY_MS),
    "limit_report": Limit(50, DAY_MS),
    "grace_seconds": 0,
    "operations_port": None,
    "operations_host": "127.0.0.1",
    "worker_metrics_port": None,
    "worker_metrics_host": "127.0.0.1",
}
SET: dict[str, tuple[str, object]] = {
    "MONGO_URL": ("mongodb://one,two/rookery?replicaSet=rs0", "mongodb://one,two/rookery?replicaSet=rs0"),
    "MONGO_DRIVER": ("motor", MongoDriver.MOTOR),
    "REDIS_URL": ("redis+cluster://one:1,two:2", "redis+cluster://one:1,two:2"),
    "JOBS_URL": ("redis://jobs:1", "redis://jobs:1"),
    "SECRET_KEY": (KEY, SecretStr(KEY)),
    "SECRET_KEY_PREVIOUS": (PREVIOUS, SecretStr(PREVIOUS)),
    "ENV": ("prod", Environment.PROD),
    "ALLOWED_ORIGINS": (
        " https://one.example/, http://two.example:8080,, ",
        ("https://one.example", "http://two.example:8080"),
    ),
    "RATE_LIMIT": ("off", Switch.OFF),
    "ENGINE": ("off", Switch.OFF),
    "TIMELINE_LENGTH": ("1", 1),
    "FANOUT_LIMIT": ("1", 1),
    "AD_SPACING": ("0", 0),
    "TRUSTED_DOCUMENTS": ("documents.json", "documents.json"),
    "TRUSTED_PROXIES": ("10.0.0.1, 2001:db8::/32,", ("10.0.0.1", "2001:db8::/32")),
    "PUBLIC_URL": ("https://rookery.example/", "https://rookery.example"),
    "VAPID_PRIVATE_KEY": (VAPID, SecretStr(VAPID)),
    "PUSH_TO_LOOPBACK": ("off", Switch.OFF),
    "SMTP_URL": ("smtp://user:secret@mail.example:587", SecretStr("smtp://user:secret@mail.example:587")),
    "MAIL_FROM": ("birds@rookery.example", "birds@rookery.example"),
    "VERIFY_EMAIL": ("optional", VerifyEmail.OPTIONAL),
    "MINIMUM_AGE": ("0", 0),
    "SIGN_UP": ("approval", SignUp.APPROVAL),
    "AD_REVIEW": ("off", Switch.OFF),
    "LIMIT_SIGN_UP": ("off", None),
    "LIMIT_POST": ("1/1s", Limit(1, 1_000)),
    "LIMIT_FOLLOW": ("20/m", Limit(20, 60_000)),
    "LIMIT_MENTION": ("100000/30d", Limit(100_000, 30 * DAY_MS)),
    "LIMIT_LIKE": (" Off ", None),
    "LIMIT_REPORT": ("1/1d", Limit(1, DAY_MS)),
    "GRACE_SECONDS": ("4", 4),
    "OPERATIONS_PORT": ("9000", 9000),
    "OPERATIONS_HOST": ("192.0.2.2", "192.0.2.2"),
    "WORKER_METRICS_PORT": ("9100", 9100),
    "WORKER_METRICS_HOST": ("192.0.2.1", "192.0.2.1"),
}
"""A text for each setting but those of media, and the value that it is."""


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ROOKERY_{name.upper()}", raising=False)


def refusal_of(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    for name, value in environment.items():
        monkeypatch.setenv(f"ROOKERY_{name}", value)
    with pytest.raises(SettingsError) as refusal:
        load_settings()
    assert isinstance(refusal.value, SystemExit)
    return str(refusal.value)


def test_nothing_need_be_set() -> None:
    assert load_settings().model_dump() == DEFAULTS


def test_everything_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, (text, _) in SET.items():
        monkeypatch.setenv(f"ROOKERY_{name}", text)
    wanted = {name.lower(): value for name, (_, value) in SET.items()}
    assert load_settings().model_dump() == DEFAULTS | wanted


@pytest.mark.parametrize("name", [name.upper() for name in Settings.model_fields])
def test_a_setting_that_is_empty_is_not_set(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"ROOKERY_{name}", "")
    assert load_settings() == Settings()


MONGO = "must be mongodb://HOST or mongodb+srv://HOST"
REDIS = "must be redis://HOST or rediss://HOST or redis+cluster://HOST"
CLUSTER = "must be redis+cluster://HOST:PORT,HOST:PORT, some nodes of the cluster with commas between"
SMTP = "must be smtp://[user:password@]HOST:PORT, smtps://..., or off"
LENGTH = "must be a whole number from 1 to 10000"
LIMIT = "must be a whole number from 1"
SPACING = "must be a whole number from 0 to 1000"
ORIGINS = "must be * or origins such as https://example.org, with commas between them"
MEDIA = "must be file:///FOLDER or s3://BUCKET?endpoint=URL"
PUBLIC = "must be https://HOST, without a path"
PROXIES = "must be addresses and ranges such as 10.1.0.0/16, with commas between them"


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("SMTP_URL", "http://localhost", SMTP),
        ("SMTP_URL", "smtp://user:secret@", SMTP),
        ("PUBLIC_URL", "rookery.example", "must be https://HOST, without a path"),
        ("PUBLIC_URL", "https://rookery.example/birds", "must be https://HOST, without a path"),
        ("VAPID_PRIVATE_KEY", "key", "must be 32 bytes in base64url"),
        ("PUSH_TO_LOOPBACK", "yes", "Input should be 'on' or 'off'"),
        ("MAIL_FROM", "Rookery <birds@rookery.example>", "must be an address such as rookery@example.org"),
        ("VERIFY_EMAIL", "never", "Input should be 'optional' or 'required'"),
        ("MINIMUM_AGE", "-1", "must be years, from 0 to 150"),
        ("MONGO_URL", "http://localhost", MONGO),
        ("MONGO_URL", "localhost:27017", MONGO),
        ("MONGO_URL", "mongodb://", MONGO),
        ("MONGO_URL", "mongodb:///rookery", MONGO),
        ("MONGO_DRIVER", "pg", "Input should be 'pymongo' or 'motor'"),
        ("REDIS_URL", "mongodb://localhost", REDIS),
        ("REDIS_URL", "redis://", REDIS),
        ("REDIS_URL", "6379", REDIS),
        ("REDIS_URL", "redis+cluster://", CLUSTER),
        (
            "REDIS_URL",
            "redis+cluster://one:1,two",
            "names 'two', but a node is HOST:PORT, and a cluster has neither databases nor options",
        ),
        (
            "REDIS_URL",
            "redis+cluster://one:1,two:65536",
            "names 'two:65536', but a node is HOST:PORT, and a cluster has neither databases nor options",
        ),
        (
            "REDIS_URL",
            "rediss+cluster://user:secret@one:1,",
            "names '', but a node is HOST:PORT, and a cluster has neither databases nor options",
        ),
        (
            "REDIS_URL",
            "redis+cluster://one:1/3",
            "names 'one:1/3', but a node is HOST:PORT, and a cluster has neither databases nor options",
        ),
        ("JOBS_URL", "amqp://jobs", REDIS),
        ("SECRET_KEY", "k" * 31, "needs 32 bytes or more"),
        ("SECRET_KEY_PREVIOUS", "k" * 31, "needs 32 bytes or more"),
        ("ENV", "production", "Input should be 'dev' or 'prod'"),
        ("ALLOWED_ORIGINS", "example.org", ORIGINS),
        ("ALLOWED_ORIGINS", "https://one.example, two.example", ORIGINS),
        ("ALLOWED_ORIGINS", "https://one.example/app", ORIGINS),
        *[("TRUSTED_PROXIES", wrong, PROXIES) for wrong in ("*", "proxy.example", "10.0.0.1/8", "0.0.0.0/0", "::/0")],
        *[("MEDIA_URL", wrong, MEDIA) for wrong in ("/media", "file://media", "s3://", "s3://b?region=x", "https://b")],
        ("MEDIA_LIMIT", "999", "must be bytes from 1000 to 50000000"),
        *[("PUBLIC_URL", wrong, PUBLIC) for wrong in ("rookery.example", "https://rookery.example/a", "ftp://a")],
        ("RATE_LIMIT", "no", "Input should be 'on' or 'off'"),
        ("TIMELINE_LENGTH", "0", LENGTH),
        ("TIMELINE_LENGTH", "10001", LENGTH),
        ("TIMELINE_LENGTH", "many", LENGTH),
        ("FANOUT_LIMIT", "0", LIMIT),
        ("FANOUT_LIMIT", "1.5", LIMIT),
        ("GRACE_SECONDS", "61", "must be a whole number from 0 to 60"),
        ("AD_SPACING", "-1", SPACING),
        ("AD_SPACING", "1001", SPACING),
        ("AD_SPACING", "eight", SPACING),
        ("AD_REVIEW", "yes", "Input should be 'on' or 'off'"),
        *[("LIMIT_POST", wrong, f"must be {LIMIT_FORM}") for wrong in ("5", "0/1h", "5/1w", "on", "5/31d")],
    ],
)
def test_a_wrong_value_stops_the_start_with_its_name_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    assert refusal_of(monkeypatch, **{name: value}) == f"ROOKERY_{name}: {allowed}"


def test_each_wrong_value_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = refusal_of(monkeypatch, ENV="test", AD_SPACING="-1")
    assert refusal == f"ROOKERY_ENV: Input should be 'dev' or 'prod'\nROOKERY_AD_SPACING: {SPACING}"


def test_a_refused_key_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "hunter2" not in refusal_of(monkeypatch, SECRET_KEY="hunter2", ENV="prod")


def test_a_key_is_measured_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROOKERY_SECRET_KEY", "ü" * 16)
    assert signing_keys(load_settings()) == (("ü" * 16).encode(),)


def test_prod_insists_on_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal_of(monkeypatch, ENV="prod") == "ROOKERY_SECRET_KEY is required with ENV=prod: 32 bytes or more"
    assert refusal_of(monkeypatch, SECRET_KEY="short") == "ROOKERY_SECRET_KEY: needs 32 bytes or more"


def test_a_previous_key_alone_is_none_for_prod(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = refusal_of(monkeypatch, ENV="prod", SECRET_KEY_PREVIOUS=PREVIOUS)
    assert refusal == "ROOKERY_SECRET_KEY is required with ENV=prod: 32 bytes or more"


@pytest.mark.parametrize("origins", ["*", "https://one.example, *"])
def test_prod_refuses_all_origins(monkeypatch: pytest.MonkeyPatch, origins: str) -> None:
    refusal = refusal_of(monkeypatch, ENV="prod", SECRET_KEY=KEY, ALLOWED_ORIGINS=origins)
    assert refusal == "ROOKERY_ALLOWED_ORIGINS may not hold * with ENV=prod: name the origins"


def test_dev_allows_all_origins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROOKERY_ALLOWED_ORIGINS", "*")
    assert load_settings().allowed_origins == ("*",)


def test_the_first_key_signs_and_the_previous_is_accepted() -> None:
    settings = Settings(secret_key=SecretStr(KEY), secret_key_previous=SecretStr(PREVIOUS))
    assert signing_keys(settings) == (KEY.encode(), PREVIOUS.encode())


def test_dev_makes_up_another_key_each_time() -> None:
    (one,), (other,) = signing_keys(Settings()), signing_keys(Settings())
    assert (len(one), len(other), one == other) == (32, 32, False)


def test_a_made_up_key_signs_and_the_previous_is_accepted() -> None:
    made_up, previous = signing_keys(Settings(secret_key_previous=SecretStr(PREVIOUS)))
    assert (len(made_up), previous) == (32, PREVIOUS.encode())


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("ROOKERY_MONGO_URI", "ROOKERY_MONGO_URI is no setting. Did you mean ROOKERY_MONGO_URL?"),
        ("ROOKERY_ALLOWED_ORIGIN", "ROOKERY_ALLOWED_ORIGIN is no setting. Did you mean ROOKERY_ALLOWED_ORIGINS?"),
        ("ROOKERY_RATELIMIT", "ROOKERY_RATELIMIT is no setting. Did you mean ROOKERY_RATE_LIMIT?"),
        ("ROOKERY_REDIS_URLS", "ROOKERY_REDIS_URLS is no setting. Did you mean ROOKERY_REDIS_URL?"),
        ("ROOKERY_XYZ", "ROOKERY_XYZ is no setting."),
        ("ROOKERY_MONGO_URL", None),
        ("rookery_env", None),
        ("ROOKERY_LOGIN", None),
        ("MONGO_URI", None),
    ],
)
def test_name_that_is_no_setting_is_warned_of_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, line: str | None
) -> None:
    monkeypatch.setenv(name, "dev" if name == "rookery_env" else "mongodb://a")
    load_settings()
    assert capsys.readouterr().err == ("" if line is None else f"{line}\n")


@pytest.mark.parametrize(
    ("environment", "is_mail_on", "catches_mail", "requires_verification"),
    [
        ({}, True, True, False),
        ({"SMTP_URL": "off"}, False, False, False),
        ({"SMTP_URL": "smtp://mail"}, True, False, False),
        ({"VERIFY_EMAIL": "required"}, True, True, True),
        ({"ENV": "prod", "SECRET_KEY": KEY}, False, False, False),
        ({"ENV": "prod", "SECRET_KEY": KEY, "SMTP_URL": "smtp://mail"}, True, False, True),
        ({"ENV": "prod", "SECRET_KEY": KEY, "SMTP_URL": "smtp://mail", "VERIFY_EMAIL": "optional"}, True, False, False),
    ],
)
def test_mail_and_verification_follow_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    is_mail_on: bool,
    catches_mail: bool,
    requires_verification: bool,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"ROOKERY_{name}", value)
    settings = load_settings()
    assert settings.is_mail_on is is_mail_on
    assert settings.catches_mail is catches_mail
    assert settings.requires_verification is requires_verification


def test_loopback_gets_no_pushes_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    said = refusal_of(monkeypatch, ENV="prod", SECRET_KEY=KEY, PUSH_TO_LOOPBACK="on")
    assert said == "ROOKERY_PUSH_TO_LOOPBACK is for development: it must be off with ENV=prod"


def test_verification_can_not_be_demanded_without_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    said = refusal_of(monkeypatch, SMTP_URL="off", VERIFY_EMAIL="required")
    assert said == "ROOKERY_VERIFY_EMAIL=required needs mail: set SMTP_URL"
