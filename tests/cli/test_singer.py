"""`--format singer`: what a Singer target reads from `states`, `agents` and `report`."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema  # type: ignore[import-untyped]  # its stubs are a library of their own
import pytest
from tests.reports.floors import AVAILABLE, BREAK, LOGGED_OUT, UNKNOWN, written

from cxone_rollcall.cli.main import run
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.views import singer
from cxone_rollcall.views.columns import COLUMNS

KINDS = ("time-in-state", "timeline", "sessions", "gaps", "occupancy", "adherence")
MIDNIGHT = round(datetime(2026, 3, 2, tzinfo=UTC).timestamp() * 1000)
HOUR = 3_600_000
ANN, BO = Agent("100", "=Lee, Ann", "ann", "ann@acme.example", "Sales", True), Agent("200", "Bo")


class Read(NamedTuple):
    """What a target has read: schemas, records and states."""

    schemas: dict[str, dict[str, Any]]
    records: dict[str, list[dict[str, Any]]]
    states: list[Any]


def read(lines: str) -> Read:
    """Read messages as a target does. Each record follows its schema, and its key is new and whole."""
    found = Read({}, {}, [])
    for message in map(json.loads, lines.splitlines()):
        match message["type"]:
            case "SCHEMA":
                jsonschema.Draft202012Validator.check_schema(message["schema"])
                assert set(message["bookmark_properties"]) <= message["schema"]["properties"].keys()
                found.schemas[message["stream"]] = message
                found.records[message["stream"]] = []
            case "RECORD":
                record, schema = message["record"], found.schemas[message["stream"]]["schema"]
                jsonschema.validate(record, schema)
                assert record.keys() == schema["properties"].keys()
                for name, its in schema["properties"].items():
                    if its.get("format") == "date-time" and record[name] is not None:
                        assert datetime.fromisoformat(record[name]).utcoffset() is not None
                found.records[message["stream"]].append(record)
            case other:
                assert other == "STATE"
                found.states.append(message["value"])
    for stream, records in found.records.items():
        keys = [tuple(record[name] for name in found.schemas[stream]["key_properties"]) for record in records]
        assert len(set(keys)) == len(keys)
        assert not any(None in key for key in keys)
    return found


@pytest.fixture
def history(tmp_path: Path) -> Iterator[Path]:
    """The history of a day with a gap. It is in the working folder, with a schedule."""
    ann = [(9, AVAILABLE, 12), (12, UNKNOWN, 13), (13, BREAK, 24)]
    days = {
        ANN: [(MIDNIGHT, MIDNIGHT + 9 * HOUR, LOGGED_OUT)]
        + [(MIDNIGHT + begin * HOUR, MIDNIGHT + end * HOUR, status) for begin, status, end in ann],
        BO: [(MIDNIGHT, MIDNIGHT + 24 * HOUR, LOGGED_OUT)],
    }
    written(tmp_path / "day.db", days, first=MIDNIGHT, last=MIDNIGHT + 24 * HOUR)
    (tmp_path / "plan.csv").write_text(
        "who,start,end,activity\n100,2026-03-02T09:00Z,2026-03-02T14:00Z,Open\n", encoding="utf-8"
    )
    yield tmp_path


def report(kind: str, format_: str, *more: str) -> int:
    """The exit code of a report on that day."""
    scheduled = ("--schedule", "plan.csv") if kind == "adherence" else ()
    window = ("--from", "2026-03-02", "--tz", "UTC")
    return run(["report", kind, "--history", "day.db", *window, *scheduled, "--format", format_, *more])


def test_states_are_a_stream_with_one_record_an_agent(capsys: pytest.CaptureFixture[str]) -> None:
    """The records are those of the JSON. The time of the roll call is the bookmark."""
    assert run(["states", "--demo", "--format", "singer"]) == 0
    found = read(capsys.readouterr().out)
    run(["states", "--demo", "--format", "json"])
    agents = json.loads(capsys.readouterr().out)
    assert found.schemas.keys() == {"agent_states"}
    assert found.schemas["agent_states"]["key_properties"] == ["agent_id"]
    records = found.records["agent_states"]
    (as_of,) = {record.pop("as_of") for record in records}
    assert found.states == [{"bookmarks": {"agent_states": {"as_of": as_of}}}]
    assert sorted(records, key=str) == sorted(agents, key=str)


def test_agents_are_a_stream_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    """The roster has no states, and its booleans are booleans."""
    assert run(["agents", "--demo", "--format", "singer"]) == 0
    found = read(capsys.readouterr().out)
    assert len(found.records["agents"]) == 120
    assert {record["active"] for record in found.records["agents"]} <= {True, False, None}
    assert "state" not in found.records["agents"][0]


def test_unknown_agents_are_records_without_a_state(capsys: pytest.CaptureFixture[str]) -> None:
    """A refused request leaves agents unknown: neither absent nor logged out."""
    assert run(["states", "--demo", "--format", "singer", "--fault", "forbidden"]) == 4
    records = read(capsys.readouterr().out).records["agent_states"]
    seen = {(record["standing"], record["state"], record["logged_in"]) for record in records}
    assert seen == {("unknown", None, None)}
    assert len(records) == 120


@pytest.mark.parametrize("fault", ["server-error=at=agents,skip=1", "scope-missing=scope=agent:read"])
@pytest.mark.parametrize("command", ["states", "agents"])
def test_a_part_of_the_roster_has_no_bookmark(command: str, fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A roster that could not be read completely ends without a STATE."""
    assert run([command, "--demo", "--format", "singer", "--fault", fault]) in (3, 4)
    found = read(capsys.readouterr().out)
    assert found.states == []
    assert found.schemas


@pytest.mark.parametrize(
    "options",
    [
        ("states", "--agent", "30000000002"),
        ("states", "--team", "Billing"),
        ("states", "--state", "Break"),
        ("states", "--logged-in"),
        ("agents", "--agent", "30000000002"),
        ("agents", "--team", "Billing"),
    ],
)
def test_a_list_of_some_agents_has_no_bookmark(options: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Only a list of every agent ends with a STATE."""
    assert run([*options, "--demo", "--format", "singer"]) == 0
    found = read(capsys.readouterr().out)
    assert found.states == []
    assert all(found.records.values())


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("2026-03-02T10:30:00Z", "2026-03-02T10:30:00.000Z"),
        ("2026-03-02 12:30:00+02:00", "2026-03-02T10:30:00.000Z"),
        ("3/2/2026 10:30", None),
        (None, None),
    ],
)
def test_only_a_time_is_written_as_a_time(text: str | None, since: str | None) -> None:
    """`since` is the server's own text. One that is no timestamp is null, since a target would refuse it."""
    rows = singer.rows("agent_states", COLUMNS, now=lambda: datetime(2026, 3, 2, 11, tzinfo=UTC))
    entry = RollEntry(Agent("1", "\x1b[2J\ud800"), Standing.PRESENT, AgentState("1", "Busy", None, text))
    (record,) = read((rows.begin + rows.row(entry) + rows.if_complete).decode()).records["agent_states"]
    assert record["since"] == since
    assert record["as_of"] == "2026-03-02T11:00:00Z"


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_a_stream_with_its_coverage(kind: str, history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The records are the rows of the JSON. The other stream has the coverage, and the bookmark is the end."""
    assert report(kind, "json") == 0
    whole = json.loads(capsys.readouterr().out)
    assert report(kind, "singer") == 0
    found = read(capsys.readouterr().out)
    stream = kind.replace("-", "_")
    assert list(found.schemas) == ["coverage", stream]
    window = {"window_begin": "2026-03-02T00:00:00Z", "window_end": "2026-03-03T00:00:00Z"}
    assert found.records[stream] == [{**window, "row": at, **row} for at, row in enumerate(whole["rows"])]
    (coverage,) = found.records["coverage"]
    assert coverage["coverage"] == whole["coverage"] < 100
    assert coverage["rows"] == len(whole["rows"]) > 0
    assert coverage["notes"].split("\n") == whole["notes"] or not whole["notes"]
    assert found.states == [{"bookmarks": {stream: {"window_end": window["window_end"]}}}]


def test_a_gap_is_a_row_of_its_own(history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unknown time is unknown in the records, too. Times are in UTC in whichever zone the report is."""
    assert report("timeline", "singer", "--agent", "100", "--tz", "Europe/Berlin") == 0
    records = read(capsys.readouterr().out).records["timeline"]
    unknown = [record for record in records if record["standing"] == "unknown"]
    assert ("2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z") in {(one["begin"], one["end"]) for one in unknown}
    assert all(record["begin"].endswith("Z") for record in records)


def test_exceptions_from_the_schedule_are_another_stream(history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exceptions do not mix with the sums. Their table has another name."""
    assert report("adherence", "singer", "--exceptions") == 0
    found = read(capsys.readouterr().out)
    assert list(found.schemas) == ["coverage", "adherence_exceptions"]
    assert found.records["adherence_exceptions"]


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command target-jsonl in an environment of its own. It pins old libraries."""
    folder = tmp_path_factory.mktemp("target")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")
    install = [
        str(scripts / "python"),
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "target-jsonl==0.1.4",
    ]
    done = subprocess.run(install, check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"target-jsonl cannot be installed: {done.stderr[-300:]}")
    return scripts / "target-jsonl"


@pytest.mark.thorough
def test_a_target_loads_what_is_written(target: Path, history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """target-jsonl takes every stream and each record. It hands on the last STATE."""
    run(["states", "--demo", "--format", "singer", "--fault", "hostile-names"])
    streams = [("agent_states", capsys.readouterr().out)]
    for kind in KINDS:
        report(kind, "singer")
        streams.append((kind.replace("-", "_"), capsys.readouterr().out))
    for stream, lines in streams:
        folder = history / f"{stream}-out"
        folder.mkdir()
        (history / "config.json").write_text(json.dumps({"destination_path": str(folder)}), encoding="utf-8")
        done = subprocess.run(
            [str(target), "--config", str(history / "config.json")],
            input=lines.encode(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        expected = read(lines)
        assert json.loads(done.stdout.splitlines()[-1]) == expected.states[-1]
        (loaded,) = folder.glob(f"{stream}-*.jsonl")
        assert [json.loads(line) for line in io.StringIO(loaded.read_text("utf-8"))] == expected.records[stream]
