"""HAProxy, Prometheus and Grafana: their configuration is valid and uses metrics that exist."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from core.runtime import metrics
from tests.docker.files import DOCKER, PROBES, ROOT, program, read_environment, read_yaml

SECONDS, GRID_WIDTH = 60, 24
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


def test_alerts_fire_where_objectives_are_missed_and_only_there(tmp_path: Path) -> None:
    story = (Path(__file__).parent / "slo_story.yml").read_text()
    (tmp_path / "story.yml").write_text(story.replace("RULES", str(DOCKER / "slo.yml")))
    done = run(program("promtool"), "test", "rules", str(tmp_path / "story.yml"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_takes_each_expression_of_the_dashboard(tmp_path: Path) -> None:
    rules = [{"record": f"one:{number}", "expr": expr} for number, expr in enumerate(dashboard_expressions())]
    text = yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}).replace("$__rate_interval", "5m")
    (tmp_path / "rules.yml").write_text(text)
    done = run(program("promtool"), "check", "rules", str(tmp_path / "rules.yml"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_says_whom_it_wakes_and_has_a_runbook() -> None:
    headings = re.findall(r"^## (\w+)$", (ROOT / "docs" / "runbooks.md").read_text(), re.MULTILINE)
    named = list[str]()
    for alert in [rule for rule in rules_of("alerts.yml", "slo.yml") if "alert" in rule]:
        assert alert["labels"]["severity"] in {"page", "ticket"}
        named.append(alert["alert"].removesuffix("Fast").removesuffix("Slowly"))
        assert alert["annotations"]["runbook"] == f"docs/runbooks.md#{named[-1].lower()}"
    assert sorted(set(named)) == sorted(headings)


def test_rules_use_what_is_recorded_and_bounds_that_are_measured() -> None:
    recorded = {rule["record"] for rule in rules_of("slo.yml") if "record" in rule}
    expressions = [rule["expr"] for rule in rules_of("alerts.yml", "slo.yml")] + dashboard_expressions()
    for expression in expressions:
        assert set(re.findall(r"rookery:\w+:\w+", expression)) <= recorded
        for metric, bound in re.findall(r'(\w+)_bucket\{[^}]*le="([\d.]+)"', expression):
            (measured,) = [one for one in vars(metrics).values() if getattr(one, "_name", "") == metric]
            assert float(bound) in measured._upper_bounds  # noqa: SLF001 - the only place that tells them


def test_panels_of_the_dashboard_have_ids_of_their_own_and_do_not_overlap() -> None:
    panels = json.loads((DOCKER / "grafana-dashboard.json").read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [
        (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
        for panel in panels
        for x in range(panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["h"])
    ]
    assert len(set(places)) == len(places)
    assert max(x for x, _ in places) < GRID_WIDTH


def rules_of(*files: str) -> list[dict[str, Any]]:
    return [rule for name in files for group in read_yaml(name)["groups"] for rule in group["rules"]]


def dashboard_expressions() -> list[str]:
    panels = json.loads((DOCKER / "grafana-dashboard.json").read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


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
    assert read_yaml("prometheus.yml")["rule_files"] == ["alerts.yml", "slo.yml"]


def test_grafana_is_given_the_dashboard_and_where_its_figures_come_from() -> None:
    mounts = read_yaml("compose.cluster.yaml")["services"]["grafana"]["volumes"]
    folder = read_yaml("grafana", "dashboards.yml")["providers"][0]["options"]["path"]
    assert f"./grafana-dashboard.json:{folder}/rookery.json:ro" in mounts
    (source,) = read_yaml("grafana", "datasources.yml")["datasources"]
    assert source["url"] == "http://prometheus:9090"
    asked = json.loads((DOCKER / "grafana-dashboard.json").read_text())["templating"]["list"][0]
    assert (asked["type"], asked["query"]) == ("datasource", source["type"])
