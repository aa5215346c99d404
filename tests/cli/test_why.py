"""`rollcall why`, through the real command: its options, formats and files."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from cxone_rollcall.cli.main import run
from cxone_rollcall.why import Inquiry

PRESENT, OFF_SHIFT = "30000000002", "30000000001"


def test_the_json_is_that_of_a_check(capsys: pytest.CaptureFixture[str]) -> None:
    """`why --format json` has the fields of `check --format json`. It also has what was typed."""
    assert run(["check", "--demo", "--format", "json"]) == 0
    checked = json.loads(capsys.readouterr().out)
    assert run(["why", "--demo", "ann.carter@example.com", OFF_SHIFT, "--format", "json"]) == 0
    asked = json.loads(capsys.readouterr().out)
    assert asked.keys() == checked.keys()
    assert asked["schema"] == "rollcall/check/1"
    assert [agent["asked_as"] for agent in asked["agents"]] == ["ann.carter@example.com", OFF_SHIFT]
    assert asked["counts"]["roster"] == 2
    assert [one["asked_as"] for one in asked["answers"]] == ["ann.carter@example.com", OFF_SHIFT]
    assert checked["answers"] == []


@pytest.mark.parametrize(("format_", "begins"), [("junit", "<?xml"), ("html", "<!doctype html>")])
def test_reports_are_those_of_a_check(format_: str, begins: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The other formats come from the same views, also with --expect-logged-in."""
    assert run(["why", "--demo", OFF_SHIFT, "--expect-logged-in", "--format", format_]) == 3
    out = capsys.readouterr().out
    assert out.lower().startswith(begins)
    assert "RC902" in out


@pytest.mark.parametrize("format_", ["account", "json", "junit", "html"])
def test_every_format_has_the_answer(format_: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Each format has the sentence and its evidence. So has a saved run."""
    path = tmp_path / "case.json"
    assert run(["why", "--demo", OFF_SHIFT, "--save", str(path), "--format", format_]) == 0
    asked = capsys.readouterr().out
    assert run(["case", "judge", str(path), "--format", format_]) == 0
    for said in (asked, capsys.readouterr().out):
        assert "is probably not logged in: it had no state in a response that did include others" in said
        assert "agentIds" in said or f"no row for {OFF_SHIFT}" in said


def test_a_check_has_no_answers(capsys: pytest.CaptureFixture[str]) -> None:
    """A report of `check` has no section of answers."""
    assert run(["check", "--demo", "--agent", OFF_SHIFT, "--format", "html"]) == 0
    assert 'id="answers"' not in capsys.readouterr().out


def test_the_answer_names_the_budget_and_what_was_ruled_out(capsys: pytest.CaptureFixture[str]) -> None:
    """The answer names probes, their limit, and the causes ruled out."""
    assert run(["why", "--demo", OFF_SHIFT]) == 0
    out = capsys.readouterr().out
    assert "3 of them probes (at most 40)" in out
    (ruled,) = [line for line in out.splitlines() if line.startswith("ruled out: ")]
    assert "batch-cut" in ruled
    assert "team-not-visible" not in ruled
    assert "not-logged-in" not in ruled
    assert run(["why", "--demo", OFF_SHIFT, "--probes", "auto"]) == 0
    assert "0 of them probes (at most 20)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--demo"], "AGENT"),
        (["--demo", ""], "AGENT is empty"),
        (["--demo", "42", " "], "AGENT is empty"),
        (["--demo", "42", "--state", ""], "--state is empty"),
        (["--demo", "42", "--format", "csv"], "csv"),
        (["--demo", "42", "--anonymize"], "--save"),
        (["--demo", "42", "--probes", "many"], "many"),
        (["42"], "CXONE"),
    ],
)
def test_arguments_that_mean_nothing_are_usage_errors(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No agent, an empty one or an unknown option ends with 2. A hint follows."""
    assert run(["why", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err


def test_a_run_can_be_saved_and_judged_again(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """--save stores the run, also anonymized; it can be judged offline."""
    path = tmp_path / "case.json"
    assert run(["why", "--demo", OFF_SHIFT, "--save", str(path), "--anonymize"]) == 0
    assert "sho.suzuki" not in path.read_text(encoding="utf-8")
    assert run(["case", "judge", str(path), "--format", "json"]) == 0
    captured = capsys.readouterr()
    assert "case saved" in captured.err
    document = json.loads(captured.out[captured.out.index("{") :])
    assert [agent["agent_id"] for agent in document["agents"]] == [OFF_SHIFT]


def test_an_ambiguous_name_saves_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """An ambiguous name leaves no file behind."""
    path = tmp_path / "case.json"
    assert run(["why", "--demo", "kavya", "--save", str(path), "-o", str(tmp_path / "out")]) == 2
    assert list(tmp_path.iterdir()) == []


def test_the_output_goes_to_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """--output writes the answer into the file and nothing to stdout."""
    path = tmp_path / "answer"
    assert run(["why", "--demo", PRESENT, "--output", str(path)]) == 0
    assert capsys.readouterr().out == ""
    assert "is logged in" in path.read_text(encoding="utf-8")


def test_the_time_limit_says_what_was_not_learned(capsys: pytest.CaptureFixture[str]) -> None:
    """After a timeout the answer is unknown."""
    assert run(["why", "--demo", PRESENT, "--fault", "latency=ms=2000,at=states", "--timeout", "1"]) in (3, 5)
    out = capsys.readouterr().out
    assert "but it may be logged in: unknown" in out
    assert "ruled out" not in out


@pytest.mark.parametrize("step", ["look_up", "ask"])
def test_an_interrupted_run_says_what_was_learned(
    step: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C ends with 130, and no agent is called absent."""
    real: Any = getattr(Inquiry, step)

    async def interrupted(inquiry: Inquiry) -> None:
        await real(inquiry)
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()

    monkeypatch.setattr(Inquiry, step, interrupted)
    assert run(["why", "--demo", PRESENT]) == 130
    out = capsys.readouterr().out
    assert "The run ended early: interrupted" in out
    assert ("is logged in" in out) is (step == "ask")


def test_verbose_shows_each_request(capsys: pytest.CaptureFixture[str]) -> None:
    """-v shows the requests on stderr, and what was not checked."""
    assert run(["why", "--demo", PRESENT, "-v"]) == 0
    shown = capsys.readouterr()
    assert f"GET /api/v2/agents/states?agentIds={PRESENT} 200" in shown.err
    assert "\nnot checked: forbidden (no list of states was read); " in shown.out
    assert run(["why", "--demo", PRESENT]) == 0
    assert "not checked" not in capsys.readouterr().out
