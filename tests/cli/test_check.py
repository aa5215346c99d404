"""`rollcall check`, through the real command and a real socket."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from cxone_rollcall.cli import terminal
from cxone_rollcall.cli.main import run
from cxone_rollcall.roll import call_roll


def account_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    """Run a check of the demo tenant; return exit code and JSON."""
    code = run(["check", "--demo", "--format", "json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def test_a_healthy_tenant_balances_and_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    """A healthy tenant's account balances, is complete, and needs no fix."""
    code, account = account_of(capsys)
    counts = account["counts"]
    assert code == account["exit"] == 0
    assert account["verdict"] == "complete"
    assert counts["roster"] == len(account["agents"]) == 120
    assert counts["roster"] == counts["present"] + counts["logged_out"] + counts["absent"] + counts["unknown"]
    assert counts["absent"] == counts["explained"] + counts["unexplained"]
    assert sum(account["states"].values()) == counts["present"]
    assert {finding["code"] for finding in account["findings"]} == {"RC601", "RC602", "RC603"}


def test_the_account_shows_what_was_done(capsys: pytest.CaptureFixture[str]) -> None:
    """With -v the account shows authentication, roster, requests and states."""
    assert run(["check", "--demo", "-v"]) == 0
    text = capsys.readouterr().out
    assert "81 of 120 agents logged in" in text
    assert "authenticated  scopes agent:read presence:read" in text
    assert "120 agents on 2 pages" in text
    assert "120 agents requested by id in 7 requests: 81 states returned" in text
    assert "Logged in 81: Break 26 (Lunch 18," in text
    assert "skipped because  " in text


def test_a_healthy_account_is_ten_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """If nothing needs fixing the account has ten lines."""
    assert run(["check", "--demo"]) == 0
    text = capsys.readouterr().out
    assert len(list(filter(None, text.splitlines()))) <= 10
    assert "skipped because" not in text
    assert "each agent: rollcall states" in text


@pytest.mark.parametrize("options", [[], ["--contract", "incontact"]])
def test_a_healthy_account_is_ten_lines_in_80_columns(
    options: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A healthy account has at most ten lines in 80 columns, too."""
    monkeypatch.setattr(terminal, "cells", lambda: 80)
    assert run(["check", "--demo", *options]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert len(list(filter(None, text.splitlines()))) <= 10


def test_a_named_agent_is_shown_with_its_state(capsys: pytest.CaptureFixture[str]) -> None:
    """A few agents are listed, each with its state."""
    assert run(["check", "--demo", "--agent", "30000000002"]) == 0
    text = capsys.readouterr().out
    assert re.search(r"^  30000000002 +Kavya Al-Sayed +Billing +Break - Lunch$", text, re.MULTILINE)
    assert "rollcall states" not in text


def test_no_response_names_the_cause_with_its_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    """Without any response, all agents are unknown. The cause cites its exchange."""
    assert run(["check", "--demo", "--fault", "nobody-logged-in"]) == 3
    text = capsys.readouterr().out
    assert "0 of 120 agents logged in; 120 unknown" in text
    assert "RC605" in text
    assert "/api/v2/agents/states?agentIds=" in text
    assert "rollcall explain RC605" in text


def test_csv_has_a_row_for_each_agent(capsys: pytest.CaptureFixture[str]) -> None:
    """CSV has a header and one row per agent. A row has the codes that explain it."""
    assert run(["check", "--demo", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == 120
    assert {row["standing"] for row in rows} == {"present", "absent"}
    assert all(row["findings"] for row in rows if row["standing"] == "absent")


def test_what_csv_leaves_out_is_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """With CSV, problems are reported on stderr."""
    assert run(["check", "--demo", "--format", "csv", "--fault", "client-refused"]) == 4
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 1
    assert "No agent's state could be requested" in captured.err
    assert "RC201" in captured.err
    assert run(["check", "--demo", "--format", "json", "--fault", "client-refused"]) == 4
    assert capsys.readouterr().err == ""


def test_a_partial_run_calls_no_check_clear(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a partial run no check is clear. Those that found nothing are skipped."""

    async def called_and_interrupted(*arguments: Any, **more: Any) -> None:
        await call_roll(*arguments, **more)
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()

    monkeypatch.setattr("cxone_rollcall.cli.session.call_roll", called_and_interrupted)
    code, account = account_of(capsys)
    outcomes = {outcome["check"]: (outcome["ended"], outcome["why"]) for outcome in account["outcomes"]}
    assert code == 130
    assert {ended for ended, _ in outcomes.values()} == {"found", "skipped"}
    assert outcomes["no-row"] == ("found", "")
    assert outcomes["host-found"] == ("skipped", "the run was cut short")
    assert outcomes["state-filter"] == ("skipped", "no state filter was sent")
    assert run(["check", "--demo", "-v"]) == 130
    out = capsys.readouterr().out
    assert ", 0 clear, " in out
    assert "the run was cut short" in out.partition("skipped because")[2]


def test_one_agent_under_three_names_is_one_agent(capsys: pytest.CaptureFixture[str]) -> None:
    """An agent named twice, by id and by name, is requested once."""
    code, account = account_of(
        capsys, "--agent", " 30000000002 ", "--agent", "30000000002", "--agent", "kavya al-sayed"
    )
    assert code == 0
    assert [agent["agent_id"] for agent in account["agents"]] == ["30000000002"]
    assert account["agents"][0]["asked_as"] == "30000000002"


@pytest.mark.parametrize("typed", ["kavya.alsayed", "Kavya Al-Sayed", "kavya.alsayed@example.com"])
def test_a_username_is_resolved_and_is_no_id(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An agent can be named by any of its names. RC401 notes that a name is no internal id."""
    code, account = account_of(capsys, "--agent", typed)
    assert code == 0
    assert account["agents"][0]["asked_as"] == typed
    assert account["agents"][0]["standing"] == "present"
    (finding,) = [one for one in account["findings"] if one["code"] == "RC401"]
    assert finding["strength"] == "NOTE"
    assert finding["explains"] == []


@pytest.mark.parametrize("command", ["check", "states", "agents"])
@pytest.mark.parametrize("contract", ["v2", "incontact"])
@pytest.mark.parametrize(
    ("typed", "candidates"),
    [("kavya", ["30000000002", "30000000017"]), ("Kavia Al-Sayed", ["30000000002"]), ("Qq Qq", [])],
)
def test_an_unclear_name_is_asked_back(
    command: str, contract: str, typed: str, candidates: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """An unclear name ends with 2 and the candidates. No agent is invented."""
    assert run([command, "--demo", "--contract", contract, "--agent", typed]) == 2
    captured = capsys.readouterr()
    assert "absent" not in captured.out
    assert captured.err.count(repr(typed)) == 1
    offered = re.findall(r"^  --agent (\d+)   # ", captured.err, re.MULTILINE)
    assert offered[: len(candidates)] == candidates
    assert offered or f"rollcall agents --demo --contract {contract}\n" in captured.err


@pytest.mark.parametrize("command", ["check", "states", "agents"])
@pytest.mark.parametrize("contract", ["v2", "incontact"])
def test_a_part_of_a_name_selects_its_only_agent(
    command: str, contract: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A part of one name alone selects that agent."""
    assert run([command, "--demo", "--contract", contract, "--agent", "torsten weiss"]) == 0
    assert "30000000003" in capsys.readouterr().out


def test_an_unknown_id_is_not_on_the_roster(capsys: pytest.CaptureFixture[str]) -> None:
    """RC402 names an id that is on no roster, alone or not."""
    code, account = account_of(capsys, "--agent", "42", "--agent", "30000000002")
    assert code == 1
    assert [one["explains"] for one in account["findings"] if one["code"] == "RC402"] == [["42"]]
    code, account = account_of(capsys, "--agent", "42")
    assert code == 1
    assert [one["code"] for one in account["findings"] if one["strength"] == "PROVEN"] == ["RC402"]


def test_one_absent_agent_is_confirmed_by_another(capsys: pytest.CaptureFixture[str]) -> None:
    """A single agent without a row is absent. Another agent was requested with it."""
    code, account = account_of(capsys, "--agent", "30000000001")
    assert code == 0
    assert [agent["standing"] for agent in account["agents"]] == ["absent"]
    assert [one["code"] for one in account["findings"] if one["explains"]] == ["RC601"]


def test_a_filter_hides_agents_who_are_logged_in(capsys: pytest.CaptureFixture[str]) -> None:
    """Agents hidden by `--state` are still present, and RC406 reports them."""
    code, account = account_of(capsys, "--state", "Available")
    assert code == 1
    (finding,) = [one for one in account["findings"] if one["code"] == "RC406"]
    assert len(finding["explains"]) == account["counts"]["present"] - account["states"]["Available"]


def test_a_team_is_called_and_the_rest_is_noted(capsys: pytest.CaptureFixture[str]) -> None:
    """`--team` selects one team, which is a NOTE. An unknown team needs fixing."""
    code, account = account_of(capsys, "--team", "claims")
    assert code == 0
    assert {agent["team"] for agent in account["agents"]} == {"Claims"}
    assert [one["strength"] for one in account["findings"] if one["code"] == "RC801"] == ["NOTE"]
    code, account = account_of(capsys, "--team", "Nowhere")
    assert code == 1
    assert [one["strength"] for one in account["findings"] if one["code"] == "RC801"] == ["PROVEN"]


def test_an_agent_of_another_team_is_named_as_removed_by_us(capsys: pytest.CaptureFixture[str]) -> None:
    """Contradicting --agent and --team are reported as the user's own filters."""
    code, account = account_of(capsys, "--agent", "30000000002", "--team", "Claims")
    assert code == 1
    assert [one["explains"] for one in account["findings"] if one["code"] == "RC801"] == [["30000000002"]]


def test_the_output_appears_whole_in_its_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """`--output` writes the account into its file only. Stdout stays empty, and no other file is left."""
    path = tmp_path / "account.json"
    assert run(["check", "--demo", "--format", "json", "--output", str(path)]) == 0
    assert capsys.readouterr().out == ""
    assert json.loads(path.read_bytes())["verdict"] == "complete"
    assert [entry.name for entry in tmp_path.iterdir()] == ["account.json"]


def test_an_unwritable_file_is_reported_before_any_request(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """An output in a missing folder ends with 2, naming the file."""
    assert run(["check", "--demo", "-v", "--output", str(tmp_path / "no" / "account.json")]) == 2
    captured = capsys.readouterr()
    assert "account.json" in captured.err
    assert "POST /oauth/token" not in captured.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "xml"], "xml"),
        (["--contract", "v3"], "auto, v2, incontact"),
        (["--demo", "--fault", "batchcut"], "did you mean batch-cut"),
        (["--demo", "--fault", "batch-cut=limit=none"], "limit"),
        (["--fault", "batch-cut"], "--demo"),
        (["--demo", "--timeout", "0"], "--timeout"),
        (["--demo", "--timeout", "nan"], "--timeout"),
        (["--demo", "--timeout", "inf"], "--timeout"),
        (["--demo", "--agent", ""], "--agent is empty"),
        (["--demo", "--agent", "30000000002", "--agent", "  "], "--agent is empty"),
        (["--demo", "--team", ""], "--team is empty"),
        (["--demo", "--state", " "], "--state is empty"),
    ],
)
def test_arguments_that_mean_nothing_are_usage_errors(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Arguments that mean nothing end with 2 and a hint.

    Such are an unknown format, contract or fault, an impossible time, an empty name.
    """
    assert run(["check", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err


def test_the_time_limit_ends_the_run_with_what_was_learned(capsys: pytest.CaptureFixture[str]) -> None:
    """After a timeout the account is printed. Agents without a response are unknown."""
    code, account = account_of(capsys, "--fault", "latency=ms=2000,at=states", "--timeout", "1")
    assert code == 5  # no answer for the states came within nine tenths of the time
    assert account["counts"]["unknown"] == account["counts"]["roster"] == 120
    assert [one["code"] for one in account["findings"]] == ["RC106"]


def test_verbose_shows_each_request_and_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    """-vv shows each request in full on stderr, with secrets replaced."""
    assert run(["check", "--demo", "-vv"]) == 0
    log = capsys.readouterr().err
    assert "#1 POST /oauth/token 200" in log
    assert "> client_secret" not in log.replace("client_secret=***", "")
    assert "emulated-secret" not in log
    assert "eyJ" not in log
    assert '"access_token":"***"' in log.replace('": "', '":"')
    assert "Authorization: ***" in log
