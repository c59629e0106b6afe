"""The compose files: references resolve, settings exist, and the topology is as documented."""

import json
import os
import re
import subprocess
from typing import Any

import pytest

from tests.docker.files import DOCKER, PROBES, SETTINGS, is_pinned, program, read_environment, read_yaml

FILES = ("compose.yaml", "compose.cluster.yaml")
ASKED = {"ROOKERY_SECRET_KEY": "k" * 32, "GRAFANA_PASSWORD": "password"}
SECONDS = 60


def services(file: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = read_yaml(file)["services"]
    return found


@pytest.mark.parametrize("file", FILES)
def test_compose_itself_takes_the_file(file: str) -> None:
    command = [program("docker-compose"), "-f", str(DOCKER / file), "config", "--quiet"]
    done = subprocess.run(
        command, env={**os.environ, **ASKED}, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", FILES)
def test_every_image_is_pinned(file: str) -> None:
    for name, service in services(file).items():
        assert is_pinned(service["image"]), name


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
            hosts = re.findall(r"([\w-]+):\d+", environment[key].split("://")[1])
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


def test_the_members_of_mongodb_are_those_that_are_joined() -> None:
    found = services("compose.cluster.yaml")
    script = (DOCKER / "mongo" / "cluster.js").read_text()
    joined = set(re.findall(r'"((?:config|shard-[ab])-\d)"', script))
    assert joined == {name for name in found if re.fullmatch(r"(config|shard-[ab])-\d", name)}
    for name in joined:
        command = found[name]["command"]
        assert command[command.index("--replSet") + 1] == name.rsplit("-", 1)[0]
        assert ("--configsvr" if name.startswith("config") else "--shardsvr") in command


def test_jobs_are_kept_on_disk_and_the_cluster_is_in_memory() -> None:
    jobs, cluster = ((DOCKER / name).read_text() for name in ("redis-jobs.conf", "redis-cluster.conf"))
    assert "appendonly yes" in jobs.splitlines()
    assert "appendonly no" in cluster.splitlines()
    assert "cluster-enabled yes" in cluster.splitlines()
