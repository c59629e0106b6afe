"""HAProxy, Prometheus and Grafana: their configuration is valid and uses metrics that exist."""

import json
import os
import re
import subprocess

from tests.docker.files import DOCKER, PROBES, program, read_environment, read_yaml

SECONDS = 60
PORTS = {"api": 8001, "workers": 9100, "haproxy": 8405}


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=SECONDS
    )


def test_haproxy_takes_its_file() -> None:
    apis = {f"API_{number}": f"127.0.0.1:{8000 + number}" for number in (1, 2, 3)}
    done = run(program("haproxy"), "-c", "-f", str(DOCKER / "haproxy.cfg"), **apis)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr


def test_haproxy_asks_for_readiness_and_knows_the_services() -> None:
    text = (DOCKER / "haproxy.cfg").read_text()
    (asked,) = re.findall(r"http-check send meth GET uri (\S+)", text)
    assert asked == "/readyz"
    services = read_yaml("compose.cluster.yaml")["services"]
    defaults = dict(re.findall(r'presetenv (API_\d)\s+"([\w-]+):8000"', text))
    assert defaults == {f"API_{number}": f"api-{number}" for number in (1, 2, 3)}
    assert set(defaults.values()) <= services.keys()
    ready = re.findall(r'presetenv READY_\d\s+"(\d+)"', text)
    assert set(ready) == {read_environment(DOCKER / "rookery.env")["ROOKERY_OPERATIONS_PORT"]}


def test_promtool_takes_the_files() -> None:
    done = run(program("promtool"), "check", "config", str(DOCKER / "prometheus.yml"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_asks_services_that_there_are_at_ports_that_they_have() -> None:
    services = read_yaml("compose.cluster.yaml")["services"]
    for job in read_yaml("prometheus.yml")["scrape_configs"]:
        targets = [target for static in job["static_configs"] for target in static["targets"]]
        assert targets
        for target in targets:
            host, port = target.split(":")
            assert host in services
            assert int(port) == PORTS[job["job_name"]]
            assert job.get("metrics_path", "/metrics") in PROBES
    assert read_yaml("prometheus.yml")["rule_files"] == ["alerts.yml"]


def test_grafana_is_given_the_dashboard_and_where_its_figures_come_from() -> None:
    mounts = read_yaml("compose.cluster.yaml")["services"]["grafana"]["volumes"]
    folder = read_yaml("grafana", "dashboards.yml")["providers"][0]["options"]["path"]
    assert f"./grafana-dashboard.json:{folder}/rookery.json:ro" in mounts
    (source,) = read_yaml("grafana", "datasources.yml")["datasources"]
    assert source["url"] == "http://prometheus:9090"
    asked = json.loads((DOCKER / "grafana-dashboard.json").read_text())["templating"]["list"][0]
    assert (asked["type"], asked["query"]) == ("datasource", source["type"])
