"""The compose files: references resolve, settings exist, and the topology is as documented."""

import json
import os
import re
import subprocess
from typing import Any

import pytest

from tests.docker.files import DOCKER, PROBES, SETTINGS, is_pinned, program, read_environment, read_yaml
from tools.pin_images import images

FILES = ("compose.yaml", "compose.cluster.yaml")
PASSWORDS = ("MONGO_KEY", "MONGO_PASSWORD", "MONGO_ADMIN_PASSWORD", "REDIS_PASSWORD", "REDIS_ADMIN_PASSWORD")
ASKED = {"ROOKERY_SECRET_KEY": "k" * 32, "GRAFANA_PASSWORD": "password", **dict.fromkeys(PASSWORDS, "password")}
DIGESTS = dict.fromkeys(images(), f"sha256:{'0' * 64}")
_BYTES = {"mb": 2**20, "m": 2**20, "g": 2**30}
SECONDS = 60


def services(file: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = read_yaml(file)["services"]
    return found


@pytest.mark.parametrize("file", FILES)
def test_compose_itself_takes_the_file(file: str) -> None:
    command = [program("docker-compose"), "-f", str(DOCKER / file), "config", "--quiet"]
    done = subprocess.run(
        command, env={**os.environ, **ASKED, **DIGESTS}, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", FILES)
def test_every_image_is_made_here_or_taken_by_digest(file: str) -> None:
    for name, service in services(file).items():
        is_ours = service["image"] == "rookery:0.1.0" and service["build"]["args"].keys() == {"PYTHON_DIGEST"}
        assert is_ours or is_pinned(service["image"]), name


@pytest.mark.parametrize("file", FILES)
def test_everything_that_is_named_is_there(file: str) -> None:
    volumes = read_yaml(file).get("volumes") or {}
    for name, service in services(file).items():
        assert set(service.get("depends_on", ())) <= services(file).keys(), name
        for mount in service.get("volumes", ()):
            source = mount.split(":")[0]
            assert (DOCKER / source).exists() if source.startswith(".") else source in volumes, f"{name}: {mount}"


@pytest.mark.parametrize("file", FILES)
def test_every_setting_is_known_and_addresses_are_those_of_services(file: str) -> None:
    for name, service in services(file).items():
        environment = service.get("environment", {})
        ours = {key for key in environment if key.startswith("ROOKERY_")}
        assert ours <= SETTINGS, name
        for key in ours & {"ROOKERY_MONGO_URL", "ROOKERY_REDIS_URL", "ROOKERY_JOBS_URL"}:
            account, _, places = environment[key].split("://")[1].rpartition("@")
            assert re.fullmatch(r"(rookery|root):\$\{\w+_PASSWORD:\?.+\}", account), f"{name}: {key}"
            hosts = re.findall(r"([\w-]+):\d+", places)
            assert hosts, key
            assert set(hosts) <= services(file).keys(), f"{name}: {key}"
    assert read_environment(DOCKER / "rookery.env").keys() <= SETTINGS


@pytest.mark.parametrize("file", FILES)
def test_ours_run_without_rights_and_have_time_to_go(file: str) -> None:
    grace = int(read_environment(DOCKER / "rookery.env")["ROOKERY_GRACE_SECONDS"])
    ours = {name: one for name, one in services(file).items() if one["image"].startswith("rookery:")}
    for name, service in ours.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert int(service["stop_grace_period"].rstrip("s")) >= grace + 15, name


@pytest.mark.parametrize("file", FILES)
def test_health_is_asked_for_at_addresses_that_are_served(file: str) -> None:
    for name, service in services(file).items():
        asked = re.findall(r"127\.0\.0\.1:\d+(/\w+)", json.dumps(service.get("healthcheck", {})))
        assert set(asked) <= PROBES, name


def test_the_cluster_is_what_is_promised() -> None:
    found = services("compose.cluster.yaml")

    def numbered(name: str) -> int:
        return sum(re.fullmatch(rf"{name}-\d", one) is not None for one in found)

    counts = {name: numbered(name) for name in ("api", "workers", "redis", "config", "shard-a", "shard-b", "mongos")}
    assert counts == {"api": 3, "workers": 2, "redis": 9, "config": 3, "shard-a": 3, "shard-b": 3, "mongos": 2}
    assert {"haproxy", "jobs", "prometheus", "grafana"} <= found.keys()
    (forming,) = [word for word in found["redis-setup"]["command"] if "--cluster create" in word]
    assert "--cluster-replicas 2" in forming
    named = re.findall(r"(172\.30\.0\.\d+):6379", forming)
    addresses = [found[f"redis-{number}"]["networks"]["inside"]["ipv4_address"] for number in range(1, 10)]
    assert named == addresses


@pytest.mark.parametrize("file", FILES)
def test_the_sets_of_mongodb_have_the_members_that_there_are(file: str) -> None:
    found = services(file)
    sets = {one["environment"]["MONGO_SET"]: one["environment"] for one in found.values() if "MONGO_SET" in env(one)}
    assert sets.keys() == ({"rs0"} if file == "compose.yaml" else {"config", "shard-a", "shard-b"})
    for name, environment in sets.items():
        members = environment["MONGO_MEMBERS"].split(",")
        in_set = [one for one, service in found.items() if name in service.get("command", ())]
        assert members == in_set
        assert found[members[0]]["environment"] == environment
        for member in members:
            command, role = found[member]["command"], environment.get("MONGO_ROLE", "shardsvr")
            assert command[command.index("--replSet") + 1] == name
            assert f"--{role}" in command or file == "compose.yaml"
    script = (DOCKER / "mongo" / "cluster.js").read_text()
    joined = set(re.findall(r'"(shard-[ab]-\d)"', script))
    assert file == "compose.yaml" or joined == {name for name in found if re.fullmatch(r"shard-[ab]-\d", name)}


def env(service: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = service.get("environment", {})
    return found


@pytest.mark.parametrize("file", FILES)
def test_stores_have_accounts_and_less_memory_than_their_container(file: str) -> None:
    limited = 0
    for name, service in services(file).items():
        if not re.match(r"(mongo|redis):", service["image"]) or name.endswith("-setup"):
            continue
        kind = service["image"].partition(":")[0]
        assert service["entrypoint"] == ["/bin/sh", f"/etc/{kind}/start.sh"], name
        assert any(mount.startswith(f"./{kind}:/etc/{kind}:") for mount in service["volumes"]), name
        if kind == "redis":
            settings = redis_settings(service["command"][0])
            assert 1.5 * size(settings["maxmemory"]) <= size(service["mem_limit"]), name
            limited += 1
        else:
            assert size(service["mem_limit"]) >= size("1g"), name
    assert limited >= 2


def redis_settings(path: str) -> dict[str, str]:
    lines = (DOCKER / path.removeprefix("/etc/")).read_text().splitlines()
    return {name: value for name, _, value in (line.partition(" ") for line in lines if line and line[0] != "#")}


def size(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(\w+)", text).groups()  # type: ignore[union-attr]
    return int(number) * _BYTES[unit]


@pytest.mark.parametrize("file", FILES)
def test_jobs_are_on_disk_and_never_evicted_and_timelines_may_be(file: str) -> None:
    found = services(file)
    jobs = redis_settings(found["jobs"]["command"][0])
    assert (jobs["appendonly"], jobs["maxmemory-policy"]) == ("yes", "noeviction")
    assert any(mount.startswith("jobs:") for mount in found["jobs"]["volumes"])
    for name in [name for name in found if re.fullmatch(r"redis(-\d)?", name)]:
        settings = redis_settings(found[name]["command"][0])
        assert (settings["appendonly"], settings["maxmemory-policy"]) == ("no", "volatile-lru")
        assert ("cluster-enabled" in settings) is (file != "compose.yaml")
