"""The manifests: by the schemas of Kubernetes, by its strictest standard, and by what they must agree on."""

from __future__ import annotations

import re
from typing import Any

import kubernetes_validate
import pytest
import yaml

import prober
from prober.cli.run import run
from prober.config import load
from prober.probes import KINDS
from tests.conftest import CHECKOUT
from tests.deploy.dockerfile import stages

FOLDER = CHECKOUT / "deploy/kubernetes"


def _document(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    return document


KUSTOMIZATION = _document("kustomization.yaml")
RESOURCES: list[str] = KUSTOMIZATION["resources"]
OF_THE_CORE = [name for name in RESOURCES if name != "servicemonitor.yaml"]
POD: dict[str, Any] = _document("statefulset.yaml")["spec"]["template"]["spec"]
[CONTAINER] = POD["containers"]


@pytest.mark.parametrize("version", ["1.28", "1.37"])
@pytest.mark.parametrize("name", OF_THE_CORE)
def test_the_schema_of_kubernetes_finds_nothing(name: str, version: str) -> None:
    """Of the oldest version that has all that is asked of it, and of a new one; strictly: no key is unknown."""
    kubernetes_validate.validate(_document(name), version, strict=True)


def test_a_mistake_would_be_found() -> None:
    """A key that is misspelt."""
    document = _document("statefulset.yaml")
    document["spec"]["template"]["spec"]["containers"][0]["readinessprobe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError, match="readinessprobe"):
        kubernetes_validate.validate(document, "1.37", strict=True)


def test_every_file_is_part_of_it() -> None:
    """The kustomization names all that is there, and nothing else."""
    [generated] = KUSTOMIZATION["configMapGenerator"]
    named = {*RESOURCES, *generated["files"], "kustomization.yaml"}
    assert named == {path.name for path in FOLDER.iterdir()}


def test_the_image_is_the_one_of_this_version() -> None:
    """The kustomization puts a name and the version in the place of what the pod names."""
    [image] = KUSTOMIZATION["images"]
    assert (image["name"], image["newTag"]) == (CONTAINER["image"], prober.__version__)


def test_it_meets_the_strictest_standard() -> None:
    """What the label of the namespace enforces, and no token of the cluster."""
    assert _document("namespace.yaml")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    security = POD["securityContext"]
    assert security["runAsNonRoot"]
    assert (
        f"{security['runAsUser']}:{security['runAsGroup']}"
        == stages(CHECKOUT / "deploy/docker/Dockerfile")["prober"].all("USER")[0]
    )
    assert security["fsGroup"] == security["runAsGroup"]
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert POD["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & POD.keys()
    assert CONTAINER["resources"]["limits"]["memory"]


def test_the_command_is_one_that_prober_knows() -> None:
    """With the number of each pod, as many shards as there are pods, and files that are mounted."""
    name, *arguments = CONTAINER["args"]
    replicas = _document("statefulset.yaml")["spec"]["replicas"]
    assert f"--shard=$(SHARD)/{replicas}" in arguments
    variables = {variable["name"] for variable in CONTAINER["env"]}
    assert set(re.findall(r"\$\((\w+)\)", " ".join(arguments))) == variables
    told = run.make_context(name, [argument.replace("$(SHARD)", "0") for argument in arguments]).params
    mounted = {mount["mountPath"]: mount for mount in CONTAINER["volumeMounts"]}
    assert mounted[str(told["config_path"].parent)]["name"] == "probes"
    assert mounted[str(told["data_dir"])]["name"] == "data"
    assert {"containerPort": told["listen"][1], "name": "http"} in CONTAINER["ports"]
    assert told["watch"]


def test_what_changes_is_seen() -> None:
    """Whole folders are mounted, the map of probes keeps its name, and each volume is there."""
    assert not any("subPath" in mount for mount in CONTAINER["volumeMounts"])
    [generated] = KUSTOMIZATION["configMapGenerator"]
    assert generated["options"]["disableNameSuffixHash"]
    volumes = {volume["name"]: volume for volume in POD["volumes"]}
    assert volumes["probes"]["configMap"]["name"] == generated["name"]
    claims = {claim["metadata"]["name"] for claim in _document("statefulset.yaml")["spec"]["volumeClaimTemplates"]}
    assert {mount["name"] for mount in CONTAINER["volumeMounts"]} == volumes.keys() | claims


def test_the_probes_load_without_the_secret() -> None:
    """The one that needs it is disabled, the other runs; its file would be in the folder of the secret."""
    config = load(FOLDER / "probes.yaml", kinds=KINDS, env={})
    assert [(probe.name, probe.disabled is None) for probe in config.probes] == [
        ("openai-api-reachable", True),
        ("openai-chat", False),
    ]
    files = re.findall(r"\$\{file:(.+)/\w+\}", (FOLDER / "probes.yaml").read_text())
    [secrets] = [mount["mountPath"] for mount in CONTAINER["volumeMounts"] if mount["name"] == "secrets"]
    assert files == [secrets]


def test_prometheus_reaches_it_and_keeps_its_words() -> None:
    """Service, monitor and policy mean the same pods and port; `service` is prober's own label, not the operator's."""
    service, monitor, policy = (_document(f"{name}.yaml") for name in ("service", "servicemonitor", "networkpolicy"))
    labels = _document("statefulset.yaml")["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"] == labels
    assert policy["spec"]["podSelector"]["matchLabels"] == labels
    assert monitor["spec"]["selector"]["matchLabels"] == service["metadata"]["labels"]
    assert service["metadata"]["name"] == _document("statefulset.yaml")["spec"]["serviceName"] == "prober"
    [port] = service["spec"]["ports"]
    [endpoint] = monitor["spec"]["endpoints"]
    assert (endpoint["port"], endpoint["honorLabels"]) == (port["name"], True)
    assert policy["spec"]["ingress"][0]["ports"] == [{"protocol": "TCP", "port": port["targetPort"]}]
