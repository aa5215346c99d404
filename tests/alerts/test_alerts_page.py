"""The page of alerts and the rules for Prometheus are true."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.alerts.floor import START, alerts, seat, sight

from cxone_rollcall.alerts import message
from cxone_rollcall.alerts.events import Kind
from cxone_rollcall.alerts.reading import parse_alerts

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "alerts.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The first example of the page in a language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_example_is_right() -> None:
    """The page's file is right. It has every condition and both kinds of place."""
    file = parse_alerts(block("toml"), named="alerts.toml")
    assert {type(rule.condition).__name__ for rule in file.rules} == {"Each", "Count", "Flapping", "Found"}
    assert {place.kind for place in file.places} == {"webhook", "apprise"}


def test_the_message_has_the_fields_of_the_page() -> None:
    """The page's JSON has the fields and the text of a message."""
    shown = json.loads(block("json"))
    watching = alerts('[[alert]]\nname = "break too long"\neach = { state = "Break" }\n')
    (event,) = watching.judge(sight([seat("7001", "Break")], START), START)
    sent = json.loads(message.body(event, "acme"))
    assert fields(sent) == fields(shown)
    assert sent["data"]["text"].replace("Name 7001", "Lee, Ann") == shown["data"]["text"]


def fields(value: Any) -> Any:
    """The names of all fields, nested as they are."""
    if isinstance(value, dict):
        return {name: fields(inner) for name, inner in value.items()}
    return [fields(inner) for inner in value if isinstance(inner, dict)] if isinstance(value, list) else None


def test_each_kind_is_on_the_page() -> None:
    """Each kind of message is explained."""
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE.partition("| `kind` |")[2], re.MULTILINE)) == set(Kind)


def test_rules_use_our_metrics() -> None:
    """Each rule for Prometheus uses metrics that we promise, and has words."""
    rules = [
        rule
        for group in yaml.safe_load((DOCS / "prometheus-rules.yml").read_text())["groups"]
        for rule in group["rules"]
    ]
    named = {name for rule in rules for name in re.findall(r"\b(up|ALERTS|rollcall_\w+)\b", rule["expr"])}
    pages = [(DOCS / name).read_text(encoding="utf-8") for name in ("serve.md", "fleet-operations.md")]
    promised = re.findall(r"`(rollcall_\w+)", "".join(pages))
    assert named <= {"up", "ALERTS", *promised}
    assert {"rollcall_alerts", "rollcall_agents"} <= named
    assert all(rule["annotations"]["summary"] for rule in rules)


def test_each_alert_of_a_fleet_is_explained() -> None:
    """The page of operations says what each alert means. It names no other."""
    groups = {
        group["name"]: group["rules"] for group in yaml.safe_load((DOCS / "prometheus-rules.yml").read_text())["groups"]
    }
    told = re.findall(r"^\| (Rollcall\w+) \|", (DOCS / "fleet-operations.md").read_text(), re.MULTILINE)
    assert told == [rule["alert"] for rule in groups["rollcall-fleet"]]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")
def test_rules_do_what_they_say(tmp_path: Path) -> None:
    """Prometheus' own tool accepts and runs the rules. "Too few" goes on while the data is blind."""
    test = Path(__file__).with_name("prometheus-rules.test.yml")
    for file in (DOCS / "prometheus-rules.yml", test):
        shutil.copy(file, tmp_path)
    for command in (["check", "rules", "prometheus-rules.yml"], ["test", "rules", test.name]):
        done = subprocess.run(["promtool", *command], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
