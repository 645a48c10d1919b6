"""The files for production: valid against the published messages and schemas, and true to each other."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from ganclf import contract
from serving.client import Client
from serving.local.config_files import read_batching_file, read_metrics_path

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
CONFIG = Path(__file__).parents[2] / "serving" / "config"
MANIFESTS = sorted((CONFIG / "kubernetes").glob("*.yaml"))


def load(name: str) -> Any:
    return yaml.safe_load((CONFIG / name).read_text())


def manifests() -> list[dict[str, Any]]:
    return [document for file in MANIFESTS for document in yaml.safe_load_all(file.read_text())]


def manifest(kind: str, name: str = "serving") -> dict[str, Any]:
    [found] = [each for each in manifests() if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return found


def container() -> dict[str, Any]:
    [only] = manifest("Deployment")["spec"]["template"]["spec"]["containers"]
    return only


def listed_model() -> Any:
    text = (CONFIG / "models.config").read_text()
    [model] = text_format.Parse(text, model_server_config_pb2.ModelServerConfig()).model_config_list.config
    return model


def test_the_model_config_serves_our_model_and_every_version_that_a_label_means():
    model = listed_model()
    assert model.name == contract.DEFAULT_MODEL
    assert model.base_path == f"/models/{contract.DEFAULT_MODEL}"
    assert set(model.version_labels) == {"stable", "canary"}
    assert set(model.version_labels.values()) <= set(model.model_version_policy.specific.versions)


def test_batches_take_our_largest_request():
    assert read_batching_file(CONFIG / "batching.config").max_batch_size >= contract.MAX_REQUEST_TEXTS


def test_metrics_are_where_prometheus_looks():
    path = read_metrics_path(CONFIG / "monitoring.config")
    [job] = load("prometheus.yml")["scrape_configs"]
    assert job["metrics_path"] == path
    assert job["static_configs"] == [{"targets": ["serving:8501"]}]
    annotations = manifest("Deployment")["spec"]["template"]["metadata"]["annotations"]
    assert annotations["prometheus.io/path"] == path
    assert annotations["prometheus.io/port"] == "8501"


def alerting_metrics() -> set[str]:
    """The names of the metrics for which the alerts ask."""
    assert load("prometheus.yml")["rule_files"] == ["alerts.yml"]
    [group] = load("alerts.yml")["groups"]
    return {name for rule in group["rules"] for name in re.findall(r":tensorflow:serving:\w+", rule["expr"])}


def test_prometheus_takes_its_files():
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("promtool is not installed")
    ended = subprocess.run([promtool, "check", "config", CONFIG / "prometheus.yml"], capture_output=True, text=True,
                           check=False)  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("name", ["compose.yaml", "tls/compose.yaml"])
def test_compose_is_valid_against_its_specification(name):
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    pytest.importorskip("check_jsonschema", reason="check-jsonschema, which bundles the schema, is not installed")
    schema = json.loads(files("check_jsonschema.builtin_schemas.vendor").joinpath("compose-spec.json").read_text())
    jsonschema.validate(load(name), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"services": {"serving": {"comand": []}}}, schema)


def test_compose_mounts_what_it_names_and_listens_on_loopback():
    services = load("compose.yaml")["services"] | {"tls": load("tls/compose.yaml")["services"]["serving"]}
    assert services["serving"]["image"] == "tensorflow/serving:2.20.0"
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
        for volume in service.get("volumes", []):
            source, _, mode = volume.split(":")
            assert mode == "ro"
            assert (CONFIG / source).exists() or source == "./tls/ssl.config"  # made by its owner, never kept
    mounted = {volume.split(":")[1] for name in ("serving", "tls") for volume in services[name]["volumes"]}
    for flag in services["serving"]["command"] + services["tls"]["command"]:
        name, _, value = flag.removeprefix("--").partition("=")
        assert not name.endswith("_file") or value in mounted
    assert services["serving"]["command"] == services["tls"]["command"][:-1]
    assert (CONFIG.parents[1] / services["page"]["build"]["dockerfile"]).is_file()


@pytest.mark.parametrize("release", ["1.29", "1.34", "1.37"])
@pytest.mark.parametrize("file", MANIFESTS, ids=lambda file: file.stem)
def test_manifests_are_valid_for_several_releases_of_kubernetes(file, release):
    kubernetes_validate = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    for document in yaml.safe_load_all(file.read_text()):
        kubernetes_validate.validate(document, release, strict=True)


def test_a_manifest_with_a_mistake_is_not_valid():
    kubernetes_validate = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    broken = manifest("Deployment")
    broken["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, "1.34", strict=True)


def test_manifests_fit_together():
    labels = manifest("Deployment")["spec"]["template"]["metadata"]["labels"]
    selectors = [manifest("Deployment")["spec"]["selector"]["matchLabels"]]
    selectors += [manifest("Service", name)["spec"]["selector"] for name in ("serving", "serving-grpc")]
    selectors += [manifest("PodDisruptionBudget")["spec"]["selector"]["matchLabels"]]
    selectors += [manifest("NetworkPolicy")["spec"]["podSelector"]["matchLabels"]]
    assert all(selector.items() <= labels.items() for selector in selectors)
    assert manifest("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]["name"] == "serving"
    assert container()["resources"]["requests"]["cpu"]  # of which the autoscaler counts the use
    kustomization = load("kustomization.yaml")
    assert {CONFIG / name for name in kustomization["resources"]} == set(MANIFESTS)
    [generated] = kustomization["configMapGenerator"]
    assert all((CONFIG / name).is_file() for name in generated["files"])
    volumes = manifest("Deployment")["spec"]["template"]["spec"]["volumes"]
    assert {"name": "config", "configMap": {"name": generated["name"]}} in volumes
    [claim] = [volume for volume in volumes if "persistentVolumeClaim" in volume]
    assert manifest("PersistentVolumeClaim", claim["persistentVolumeClaim"]["claimName"])
    for flag in container()["args"]:
        name, _, value = flag.removeprefix("--").partition("=")
        assert not name.endswith("_file") or value.removeprefix("/config/") in generated["files"]


def test_the_patch_for_tls_fits_the_deployment():
    kubernetes_validate = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    [patch] = load("tls/kustomization.yaml")["patches"]
    patched = manifest(patch["target"]["kind"], patch["target"]["name"])
    for operation in yaml.safe_load(patch["patch"]):
        *path, last = operation["path"].strip("/").split("/")
        place: Any = patched
        for part in path:
            place = place[int(part) if part.isdecimal() else part]
        assert (operation["op"], last) == ("add", "-")
        place.append(operation["value"])
    kubernetes_validate.validate(patched, "1.34", strict=True)
    [only] = patched["spec"]["template"]["spec"]["containers"]
    assert only["args"][-1] == "--ssl_config_file=/tls/ssl.config"


def test_a_server_with_the_flags_of_the_deployment_passes_its_probes_and_has_the_metrics_of_the_alerts(
    start, tmp_path, text_model, publish, free_port
):
    """The local server stands in for the stock one, whose flags it takes."""
    (tmp_path / "classifier").mkdir()
    publish(text_model, tmp_path / "classifier", 1)
    for name in ("models.config", "batching.config", "monitoring.config"):
        text = (CONFIG / name).read_text().replace("/models/", f"{tmp_path}/")
        (tmp_path / name).write_text(text)
    port, rest_port = free_port(), free_port()
    places = {"/config/": f"{tmp_path}/", "=8500": f"={port}", "=8501": f"={rest_port}"}
    arguments = container()["args"]
    for old, new in places.items():
        arguments = [argument.replace(old, new) for argument in arguments]
    process = start("-m", "serving.local", *arguments)
    try:
        assert process.stdout.readline().startswith("serving classifier version 1 on ")
        for probe in ("startupProbe", "readinessProbe"):
            assert (
                urlopen(f"http://127.0.0.1:{rest_port}{container()[probe]['httpGet']['path']}", timeout=30).status
                == 200
            )
        with Client(f"127.0.0.1:{port}", label="stable") as client:
            assert client.predict(["good"]).version == 1
        path = load("prometheus.yml")["scrape_configs"][0]["metrics_path"]
        page = urlopen(f"http://127.0.0.1:{rest_port}{path}", timeout=30).read().decode()
        assert len(alerting_metrics()) == 2
        assert all(f"{name}{{" in page for name in alerting_metrics())
    finally:
        process.terminate()
        process.communicate(timeout=60)
