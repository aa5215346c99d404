"""The deployment of workers, and the figures to watch."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
from tests.conformance.environments import Environment
from tests.deploy.deployed import DEPLOY, ROOT, USER, manifests

from cxone_rollcall.cli.fleet.options import PASSWORD
from cxone_rollcall.cli.fleet.options import USER as LOGIN
from cxone_rollcall.cli.fleet.worker import worker
from cxone_rollcall.fleet.metrics import render
from cxone_rollcall.fleet.worker import LONGEST_HANDOVER

UNIT = (DEPLOY / "rollcall-worker.service").read_text()
OBJECTS: dict[str, Any] = {one["kind"]: one for one in manifests("fleet-worker.yml")}
POD = OBJECTS["Deployment"]["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
STATUS: dict[str, Any] = {
    "worker": "w",
    "capacity": 250,
    "refused": {"globex": "why"},
    "taken": 3,
    "engine_age": 0.25,
    "tenants": [
        {
            "tenant": 'a"\n',
            "interval": 10.0,
            "age": None,
            "ok": False,
            "counts": {},
            "number": 7,
            "buffered": 0,
        },
        {
            "tenant": "b",
            "interval": 10.0,
            "age": 1.5,
            "ok": True,
            "counts": {"roster": 3, "present": 2, "logged_out": 1, "absent": 0, "unknown": 0},
            "number": 9,
            "buffered": 2,
        },
    ],
}


def _taken(words: list[str]) -> dict[str, Any]:
    """The parameters of a worker's command line. click.UsageError if it refuses them."""
    program, *rest = words
    assert (Path(program).name, *rest[:2]) == ("rollcall", "fleet", "worker")
    parsed: click.Context = worker.make_context("worker", rest[2:])
    return parsed.params


def test_the_unit_runs_a_worker() -> None:
    """The unit's command exists, and it has the time to hand over."""
    (command,) = re.findall(r"^ExecStart=(.*)$", UNIT, re.MULTILINE)
    assert _taken(shlex.split(command))["zone"] == "eu"
    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)
    assert int(seconds) > LONGEST_HANDOVER
    assert "KillSignal=SIGTERM" in UNIT


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """Systemd knows each key of the worker's unit."""
    copy = tmp_path / "rollcall-worker.service"
    copy.write_text(UNIT.replace("/opt/rollcall/bin/rollcall", shutil.which("true") or "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False
    )
    assert [line for line in done.stderr.splitlines() if "rollcall" in line] == []


def test_the_pod_runs_a_worker() -> None:
    """The pod's command exists, and has the time to hand over."""
    given = _taken(["rollcall", *CONTAINER["args"]])
    (port,) = CONTAINER["ports"]
    assert given["metrics"] == f"0.0.0.0:{port['containerPort']}"
    assert POD["terminationGracePeriodSeconds"] > LONGEST_HANDOVER
    assert {CONTAINER[f"{one}Probe"]["httpGet"]["port"] for one in ("liveness", "readiness")} == {port["name"]}
    assert {LOGIN, PASSWORD} < set(OBJECTS["Secret"]["stringData"])
    assert OBJECTS["Deployment"]["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    labels = OBJECTS["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert OBJECTS["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels


def test_the_pod_may_nothing() -> None:
    """The pod is not root, and writes nowhere."""
    assert POD["securityContext"]["runAsUser"] == USER
    own = CONTAINER["securityContext"]
    assert (own["readOnlyRootFilesystem"], own["allowPrivilegeEscalation"]) == (True, False)
    assert own["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.thorough
def test_kubernetes_takes_the_manifest(tools: Environment) -> None:
    """Each object follows the schemas of Kubernetes, without unknown keys."""
    command = [str(tools.command("kubernetes-validate")), "--strict", str(DEPLOY / "fleet-worker.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_not_known_is_no_figure() -> None:
    """A tenant that was never polled has no age, no agents."""
    lines = render(STATUS).splitlines()
    assert 'rollcall_tenant_up{tenant="a\\"\\n"} 0' in lines
    assert [line for line in lines if line.startswith("rollcall_tenant_poll_age_seconds")] == [
        'rollcall_tenant_poll_age_seconds{tenant="b"} 1.5'
    ]
    agents = [line for line in lines if line.startswith("rollcall_tenant_agents")]
    assert len(agents) == 4
    assert 'rollcall_tenant_agents{tenant="b",standing="present"} 2' in agents


def test_the_alerts_of_the_page_are_about_figures_that_exist() -> None:
    """Each figure that operators should watch exists."""
    page = (ROOT / "docs" / "fleet-operations.md").read_text()
    named = set(re.findall(r"rollcall_(?:tenant|worker)_\w+", page))
    assert named
    assert named <= set(re.findall(r"^# TYPE (\w+)", render(STATUS), re.MULTILINE))
