"""The manifests: valid by Kubernetes' schemas, with references that resolve and probes that are served."""

import json
import re
import subprocess
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from core.settings import Settings
from datastore.__main__ import main as datastore
from tests.docker.files import DOCKER, PROBES, SETTINGS, program, read_environment, read_yaml

FOLDER = DOCKER / "kubernetes"
SECONDS = 60
Manifest = dict[str, Any]


def manifests() -> list[Manifest]:
    names = read_yaml("kubernetes", "kustomization.yaml")["resources"]
    return [one for name in names for one in yaml.load_all((FOLDER / name).read_text(), Loader=yaml.CSafeLoader)]


def of_kind(kind: str) -> dict[str, Manifest]:
    return {one["metadata"]["name"]: one for one in manifests() if one["kind"] == kind}


def pods() -> dict[str, Manifest]:
    periodic = {name: one["spec"]["jobTemplate"]["spec"]["template"] for name, one in of_kind("CronJob").items()}
    others = {name: one["spec"]["template"] for kind in ("Deployment", "Job") for name, one in of_kind(kind).items()}
    return periodic | others


def containers() -> dict[str, Manifest]:
    return {name: container for name, pod in pods().items() for container in pod["spec"]["containers"]}


@pytest.mark.parametrize("manifest", manifests(), ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_it_is_right_by_the_schema(manifest: Manifest) -> None:
    kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)


def test_kustomize_builds_all_of_it() -> None:
    command = [program("kubectl"), "kustomize", str(FOLDER)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    built = [one for one in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader) if one]
    assert {one["kind"] for one in built} == {one["kind"] for one in manifests()} | {"ConfigMap"}
    images = re.findall(r"image: (\S+)", done.stdout)
    assert set(images) == {f"registry.example/rookery@sha256:{'0' * 64}"}


def test_every_file_is_listed() -> None:
    listed = read_yaml("kubernetes", "kustomization.yaml")["resources"]
    assert {*listed, "kustomization.yaml"} == {path.name for path in FOLDER.glob("*.yaml")}


def test_selectors_find_the_pods_of_their_name() -> None:
    labels = {name: pod["metadata"]["labels"] for name, pod in pods().items()}
    for name, one in of_kind("Deployment").items():
        assert one["spec"]["selector"]["matchLabels"].items() <= labels[name].items()
        assert "replicas" not in one["spec"], "the autoscaler says how many"
    for name, one in of_kind("PodDisruptionBudget").items():
        assert one["spec"]["selector"]["matchLabels"].items() <= labels[name].items()
    for name, one in of_kind("Service").items():
        assert one["spec"]["selector"].items() <= labels[name].items()
    for name, one in of_kind("HorizontalPodAutoscaler").items():
        target = one["spec"]["scaleTargetRef"]
        assert (target["kind"], target["name"]) == ("Deployment", name)
        assert name in of_kind("PodDisruptionBudget")


def test_the_backup_writes_into_a_volume_of_its_own_one_at_a_time() -> None:
    job, pod = of_kind("CronJob")["backup"]["spec"], pods()["backup"]["spec"]
    assert job["concurrencyPolicy"] == "Forbid"
    claims = {one["persistentVolumeClaim"]["claimName"] for one in pod["volumes"] if "persistentVolumeClaim" in one}
    assert claims == of_kind("PersistentVolumeClaim").keys()
    (folder,) = re.findall(r"backup (/\w+)/", containers()["backup"]["command"][-1])
    assert folder in {one["mountPath"] for one in containers()["backup"]["volumeMounts"]}
    assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsUser"]


def test_each_command_of_a_pod_is_one_that_there_is() -> None:
    for name, container in containers().items():
        for command in re.findall(r"python -m datastore (\w+)", " ".join(container.get("command", ()))):
            with pytest.raises(SystemExit) as ended:
                datastore([command, "--help"])
            assert ended.value.code == 0, name


def test_ports_and_accounts_that_are_named_are_there() -> None:
    for name, container in containers().items():
        ports = {port["name"] for port in container.get("ports", ())}
        named = re.findall(r'"(?:path)": "(/\w+)", "port": "(\w+)"', json.dumps(container))
        assert {port for _, port in named} <= ports, name
        assert {path for path, _ in named} <= PROBES, name
        assert pods()[name]["spec"]["serviceAccountName"] in of_kind("ServiceAccount")
    for one in of_kind("Service").values():
        assert {port["targetPort"] for port in one["spec"]["ports"]} <= {"http"}
    for one in of_kind("Ingress").values():
        backends = [path["backend"] for rule in one["spec"]["rules"] for path in rule["http"]["paths"]]
        assert {backend["service"]["name"] for backend in backends} <= of_kind("Service").keys()


def test_every_setting_is_known() -> None:
    assert read_environment(FOLDER / "settings.env").keys() <= SETTINGS
    for name, container in containers().items():
        given = {one["name"] for one in container.get("env", ()) if one["name"].startswith("ROOKERY_")}
        assert given <= SETTINGS, name
        assert container["envFrom"] == [{"configMapRef": {"name": "settings"}}, {"secretRef": {"name": "rookery"}}]


def test_secrets_are_in_the_secret_and_in_no_config_map() -> None:
    secrets = set(read_environment(FOLDER / "secret.example.env"))
    typed = {f"ROOKERY_{name.upper()}" for name, field in Settings.model_fields.items() if "Secret" in str(field)}
    stores = {"ROOKERY_MONGO_URL", "ROOKERY_REDIS_URL", "ROOKERY_JOBS_URL"}
    assert stores | {"ROOKERY_SECRET_KEY"} <= secrets <= SETTINGS
    for generated in read_yaml("kubernetes", "kustomization.yaml")["configMapGenerator"]:
        assert "literals" not in generated
        for name in generated["envs"]:
            assert not (secrets | typed) & read_environment(FOLDER / name).keys()
            assert not re.search(r"://[^/\s]*:[^/\s]*@", (FOLDER / name).read_text())
    assert "ConfigMap" not in {one["kind"] for one in manifests()}
    for name in stores:
        assert "://rookery:PASSWORD@" in read_environment(FOLDER / "secret.example.env")[name]


def test_metrics_and_readiness_have_a_port_that_the_monitoring_alone_reaches() -> None:
    port = int(read_environment(FOLDER / "settings.env")["ROOKERY_OPERATIONS_PORT"])
    ports = {one["name"]: one["containerPort"] for one in containers()["api"]["ports"]}
    assert ports == {"http": 8000, "operations": port}
    assert pods()["api"]["metadata"]["annotations"]["prometheus.io/port"] == str(port)
    rules = of_kind("NetworkPolicy")["api"]["spec"]["ingress"]
    reached = {
        (place["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"], one["port"])
        for rule in rules
        for place in rule["from"]
        for one in rule["ports"]
    }
    assert reached == {("haproxy-controller", "http"), ("monitoring", "operations")}


def test_pods_have_no_rights() -> None:
    for name, pod in pods().items():
        context = pod["spec"]["securityContext"]
        assert (context["runAsNonRoot"], context["runAsUser"]) == (True, 10001), name
        assert not pod["spec"]["automountServiceAccountToken"], name
        closed = containers()[name]["securityContext"]
        assert closed["capabilities"] == {"drop": ["ALL"]}, name
        assert closed["readOnlyRootFilesystem"], name
        assert not closed["allowPrivilegeEscalation"], name


def test_the_api_turns_away_in_time_and_scales_by_sockets_too() -> None:
    container, pod = containers()["api"], pods()["api"]["spec"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    probing = container["readinessProbe"]["periodSeconds"] * container["readinessProbe"]["failureThreshold"]
    grace = int(read_environment(FOLDER / "settings.env")["ROOKERY_GRACE_SECONDS"])
    assert grace > probing
    pause = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] >= pause + grace + 15
    metrics = of_kind("HorizontalPodAutoscaler")["api"]["spec"]["metrics"]
    measured = [
        one["resource"]["name"] if one["type"] == "Resource" else one["pods"]["metric"]["name"] for one in metrics
    ]
    assert measured == ["cpu", "rookery_sockets"]
