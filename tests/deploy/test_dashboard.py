"""The dashboard of Grafana asks for what there is."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
import yaml
from tests.deploy.deployed import DEPLOY, manifests
from tests.deploy.test_container import contained, line_of
from tests.transport.raw import free_port
from tests.web.test_metrics import SAMPLE

DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "rollcall.json").read_bytes())
OF_PROMETHEUS = {"instance", "alertname", "alertstate"}
"""Labels that Prometheus adds."""


class Selector(NamedTuple):
    """A metric of a query, and labels with their values."""

    metric: str
    labels: dict[str, str]


def queries() -> Iterator[str]:
    """Yield each query of the panels."""
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"]


def selectors(query: str) -> list[Selector]:
    """Return the metrics of a query."""
    found = re.findall(r"(rollcall_\w+)(?:\{([^}]*)\})?", query)
    return [Selector(name, dict(re.findall(r'(\w+)=~?"([^"]*)"', labels))) for name, labels in found]


def grouped(query: str) -> set[str]:
    """Return the labels that a query groups by."""
    return {label for labels in re.findall(r"\bby \(([^)]*)\)", query) for label in re.findall(r"\w+", labels)}


ALERTS = '[[alert]]\nname = "anybody"\ncount = { standing = "present", above = 0 }\n'


@contextmanager
def boards(folder: Path) -> Iterator[list[str]]:
    """Run `serve --demo` for two tenants. The second refuses its states."""
    (folder / "alerts.toml").write_text(ALERTS)
    with ExitStack() as stack:
        addresses = []
        for name, fault in {"healthy": [], "refused": ["--fault", "scope-missing"]}.items():
            data = folder / name
            data.mkdir()
            options = ["--demo", *fault, "--interval", "1", "--alerts", str(folder / "alerts.toml")]
            port = free_port()
            process = stack.enter_context(contained(["serve", "--listen", f"127.0.0.1:{port}", *options], data))
            line_of(process, "serving")
            addresses.append(f"127.0.0.1:{port}")
        for address in addresses:
            wait_for(partial(has_polled, address))
        yield addresses


def has_polled(address: str) -> bool:
    """Whether the first poll has ended."""
    text = read(address, "/metrics")
    return bool(text) and "rollcall_poll_duration_seconds_count 0" not in text


def read(address: str, path: str, **query: str) -> str:
    """Return what this address answers; "" if nobody listens there yet."""
    connection = HTTPConnection(address, timeout=20)
    try:
        connection.request("GET", f"{path}?{urlencode(query)}" if query else path)
        return connection.getresponse().read().decode()
    except ConnectionRefusedError:
        return ""
    finally:
        connection.close()


def samples(address: str) -> list[Selector]:
    """Return the samples of `/metrics`."""
    found = [SAMPLE.match(line) for line in read(address, "/metrics").splitlines() if not line.startswith("# ")]
    return [Selector(one[1], dict(re.findall(r'(\w+)="([^"]*)"', one[2] or ""))) for one in found if one]


def test_queries_are_read() -> None:
    """Metrics, labels and groups of a query are found."""
    query = 'sum by (a, b) (rollcall_x{c="1",d=~"2"}) / rollcall_y'
    assert selectors(query) == [Selector("rollcall_x", {"c": "1", "d": "2"}), Selector("rollcall_y", {})]
    assert grouped(query) == {"a", "b"}


@pytest.mark.thorough
@pytest.mark.skipif(os.name != "posix", reason="it is run as the container runs it")
def test_each_metric_and_label_is_served(tmp_path: Path) -> None:
    """Two real boards have each metric, label and value of a query."""
    with boards(tmp_path) as addresses:
        wait_for(lambda: "rollcall_finding" in read(addresses[1], "/metrics"))
        served = [sample for address in addresses for sample in samples(address)]
    asked = [(query, one) for query in queries() for one in selectors(query)]
    assert {one.metric for _, one in asked} == {one.metric for one in served} - {"rollcall_build_info"}
    for query, one in asked:
        theirs = [sample.labels for sample in served if sample.metric == one.metric]
        for label, value in one.labels.items():
            if label not in OF_PROMETHEUS:
                assert any(label in labels and value in (f"${label}", labels[label]) for labels in theirs), query
        assert grouped(query) - OF_PROMETHEUS <= {label for labels in theirs for label in labels}, query


def test_variables_are_of_our_metrics() -> None:
    """The dashboard's choices are labels of our metrics, and are used."""
    chosen = {one["name"]: one for one in DASHBOARD["templating"]["list"]}
    assert list(chosen) == ["datasource", "instance", "team"]
    assert chosen["instance"]["query"]["query"] == "label_values(rollcall_build_info, instance)"
    assert chosen["team"]["query"]["query"] == "label_values(rollcall_group_agents, team)"
    used = {name for query in queries() for name in re.findall(r"\$(\w+)", query)}
    assert used == {"instance", "team"}


def test_panels_say_what_they_show() -> None:
    """Each panel has words, its own id and place. No gap is drawn over, and none shows zero for what is unknown."""
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len({(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}) == len(panels)
    for panel in panels:
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
        assert panel["description"].endswith(".")
        defaults = panel["fieldConfig"]["defaults"]
        assert defaults["noValue"] in ("not known", "none")
        assert panel["type"] != "timeseries" or defaults["custom"]["spanNulls"] is False
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}


@pytest.mark.thorough
@pytest.mark.skipif(shutil.which("prometheus") is None, reason="prometheus is not installed (Debian: prometheus)")
def test_prometheus_answers_each_query(tmp_path: Path) -> None:
    """A real Prometheus takes our configuration and answers each query."""
    port = free_port()
    with boards(tmp_path) as addresses:
        write_configuration(tmp_path, addresses)
        options = (f"--web.listen-address=127.0.0.1:{port}", f"--storage.tsdb.path={tmp_path / 'series'}")
        command = ["prometheus", f"--config.file={tmp_path / 'prometheus.yml'}", *options]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as prometheus:
            try:
                unanswered = {*queries(), 'count(up{job="rollcall"} == 1) == 2', "rollcall_build_info"}
                wait_for(lambda: not leave_unanswered(f"127.0.0.1:{port}", unanswered))
            finally:
                prometheus.terminate()


def write_configuration(folder: Path, addresses: list[str]) -> None:
    """Write our configuration, with these addresses and a short interval."""
    (configuration,) = manifests("prometheus.yml")
    configuration["global"] = {"scrape_interval": "500ms", "evaluation_interval": "500ms"}
    (job,) = configuration["scrape_configs"]
    job["static_configs"][0]["targets"] = addresses
    job["authorization"]["credentials_file"] = str(folder / "token")
    (folder / "token").write_text("not asked for on loopback")
    (folder / "rules").mkdir()
    shutil.copy(DEPLOY.parent / "docs" / "prometheus-rules.yml", folder / configuration["rule_files"][0])
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))


def leave_unanswered(address: str, asked: set[str]) -> set[str]:
    """Take the answered queries out of `asked`, and return it."""
    for query in sorted(asked):
        text = query.replace("$instance", ".*").replace("$team", ".*")
        answer = read(address, "/api/v1/query", query=text)
        if answer.startswith("{") and json.loads(answer).get("data", {}).get("result"):  # else it is not ready yet
            asked.discard(query)
    return asked


def wait_for(condition: Callable[[], bool]) -> None:
    """Ask until it is so. After 40 s the test fails."""
    until = time.monotonic() + 40
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.2)
