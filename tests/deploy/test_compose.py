"""The compose file: services that find one another, and commands that exist."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.conformance.environments import Environment
from tests.deploy.deployed import DEPLOY, ROOT, last_stage, manifests, parsed
from tests.deploy.test_container import ROLLCALL, TOKEN, contained, line_of
from tests.transport.raw import free_port

from cxone_rollcall.config.definitions import BY_VARIABLE
from cxone_rollcall.emulator import Emulator

(COMPOSE,) = manifests("compose.yml")
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "rollcall"}


def test_the_services() -> None:
    """There are emulator, board, recorder, Prometheus and Grafana."""
    assert list(SERVICES) == ["emulator", "serve", "record", "prometheus", "grafana"]
    assert list(OURS) == ["emulator", "serve", "record"]


def test_the_command_line_takes_every_command() -> None:
    """Each command and option exists. Each port is the one that others ask."""
    for service in OURS.values():
        parsed([str(word) for word in service["command"]])
    emulated = parsed(SERVICES["emulator"]["command"]).params
    assert SERVICES["serve"]["environment"]["CXONE_INSTANCE"] == f"http://127.0.0.1:{emulated['port']}"
    listening = parsed(SERVICES["serve"]["command"]).params
    _, port = listening["listen"].split(":")
    assert SERVICES["emulator"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    (scrape,) = manifests("prometheus.yml")[0]["scrape_configs"]
    (target,) = scrape["static_configs"][0]["targets"]
    assert target == f"serve:{port}"
    assert "serve" in listening["hosts"]  # else it would answer 421
    assert SERVICES["emulator"]["networks"]["default"]["aliases"] == ["serve"]
    (source,) = manifests("grafana/datasource.yml")[0]["datasources"]
    assert source["url"] == "http://prometheus:9090"


def test_settings_are_known() -> None:
    """Each variable is a setting of rollcall, and what the emulator takes."""
    for name in ("serve", "record"):
        environment = SERVICES[name]["environment"]
        assert set(environment) <= set(BY_VARIABLE)
        emulated = Emulator().environment("http://127.0.0.1:8080")
        assert {name: emulated[name] for name in environment} == environment


def test_plain_http_stays_on_one_machine() -> None:
    """Board and recorder share the emulator's network. Plain http goes nowhere else."""
    for name in ("serve", "record"):
        assert SERVICES[name]["network_mode"] == "service:emulator"
        assert SERVICES[name]["depends_on"] == {"emulator": {"condition": "service_healthy"}}


def test_nothing_may_more_than_it_needs() -> None:
    """No service has a capability or may gain one. Ours write only to a volume. All ports are this machine's."""
    for name, service in SERVICES.items():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
        assert "privileged" not in service
        if name != "grafana":
            assert service["read_only"] is True
        if service not in OURS.values():
            assert re.fullmatch(r"docker\.io/[a-z]+/[a-z]+:v?\d+\.\d+\.\d+", service["image"])


def test_mounted_files_are_there() -> None:
    """Each mount is a file of ours, a volume, or the token."""
    for service in SERVICES.values():
        for mount in service.get("volumes", []):
            source, _, *mode = mount.split(":")
            if source.startswith("."):
                assert (DEPLOY / source).is_file()
                assert mode == ["ro"]
            else:
                assert source in COMPOSE["volumes"]
    token = COMPOSE["secrets"]["serve_token"]["file"]
    assert f"deploy/{token.removeprefix('./')}" in (ROOT / ".gitignore").read_text().splitlines()
    assert SERVICES["serve"]["command"][-1] == "/run/secrets/serve_token"
    (scrape,) = manifests("prometheus.yml")[0]["scrape_configs"]
    assert scrape["authorization"]["credentials_file"] == "/run/secrets/serve_token"
    assert SERVICES["serve"]["secrets"] == SERVICES["prometheus"]["secrets"] == ["serve_token"]


def test_the_record_is_in_the_volume() -> None:
    """The recorder writes to the image's volume, which outlives the container."""
    history = Path(parsed(SERVICES["record"]["command"]).params["history"])
    assert str(history.parent) == last_stage()["VOLUME"]
    assert SERVICES["record"]["volumes"] == [f"history:{history.parent}"]


def test_grafana_finds_its_dashboard() -> None:
    """Grafana looks for its dashboard where it is mounted."""
    (provider,) = manifests("grafana/dashboards.yml")[0]["providers"]
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert f"./grafana/rollcall.json:{home}:ro" in SERVICES["grafana"]["volumes"]
    assert str(Path(home).parent) == provider["options"]["path"]


def healthy(service: str, replaced: dict[str, str]) -> bool:
    """Whether a service's health check succeeds, with these texts replaced."""
    kind, _, *words = SERVICES[service]["healthcheck"]["test"]
    assert kind == "CMD"
    for text, other in replaced.items():
        words = [word.replace(text, other) for word in words]
    return subprocess.run([sys.executable, *words], capture_output=True, check=False).returncode == 0


@pytest.mark.thorough
@pytest.mark.skipif(os.name != "posix", reason="the containers are Linux")
def test_the_services_run_outside_of_containers(tmp_path: Path) -> None:
    """Emulator, board and recorder become healthy, run as their containers would be."""
    ports = {"8080": str(free_port()), "8081": str(free_port())}
    data, token = tmp_path / "data", tmp_path / "token"
    data.mkdir()
    token.write_text(TOKEN)
    token.chmod(0o644)
    places = {"/var/lib/rollcall": str(data), "/run/secrets/serve_token": str(token), **ports}

    def moved(text: str) -> str:
        for old, new in places.items():
            text = text.replace(old, new)
        return text

    def command(name: str) -> list[str]:
        return [moved(str(word)) for word in SERVICES[name]["command"]]

    environment = {name: moved(text) for name, text in SERVICES["serve"]["environment"].items()}
    assert not healthy("emulator", ports)
    emulator = subprocess.Popen([*ROLLCALL, *command("emulator")], stdout=subprocess.PIPE, text=True)
    try:
        assert emulator.stdout is not None
        assert "120 agents" in emulator.stdout.readline()
        assert healthy("emulator", ports)
        with (
            contained(command("record"), data, **environment) as record,
            contained(command("serve"), data, **environment) as serve,
        ):
            line_of(record, "recording")
            line_of(serve, "serving")
            ready = False
            until = time.monotonic() + 30
            while not ready and time.monotonic() < until:
                ready = healthy("serve", ports) and healthy("record", places)
                time.sleep(0.1)
            assert ready
    finally:
        emulator.send_signal(signal.SIGTERM)
        emulator.communicate()
    with closing(sqlite3.connect(f"file:{data}/history.db?mode=ro", uri=True)) as history:
        assert history.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    (data / "history.db").touch()
    for file in data.iterdir():
        os.utime(file, (time.time() - 120,) * 2)
    assert not healthy("record", places)


@pytest.mark.thorough
def test_it_follows_the_compose_specification(tools: Environment) -> None:
    """The compose file follows the published schema."""
    command = [str(tools.command("check-jsonschema")), "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, str(DEPLOY / "compose.yml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_prometheus_has_our_rules() -> None:
    """The rules are mounted where Prometheus looks for them."""
    (rules,) = manifests("prometheus.yml")[0]["rule_files"]
    mounts = dict(mount.split(":")[:2] for mount in SERVICES["prometheus"]["volumes"])
    assert mounts["../docs/prometheus-rules.yml"] == f"/etc/prometheus/{rules}"
    assert yaml.safe_load((ROOT / "docs" / "prometheus-rules.yml").read_text())["groups"]
