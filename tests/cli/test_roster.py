"""`rollcall check --roster`: who of the expected people is logged in."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # its stubs are a library of their own
import pytest

from cxone_rollcall.cli.main import run

SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "check-1.json"
IN, ALSO_IN, OUT, INACTIVE = "30000000002", "torsten.weiss@example.com", "ivan.pena", "30000000004"
"""Agents of the demo. Two are logged in, one is not, one is inactive."""


def check(*people: str, more: tuple[str, ...] = ()) -> int:
    """The exit code with these people expected."""
    Path("forty.csv").write_text("who\n" + "".join(f"{one}\n" for one in people), encoding="utf-8")
    return run(["check", "--demo", "--roster", "forty.csv", *more])


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    """The JSON that was printed. It follows the published schema."""
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, json.loads(SCHEMA.read_bytes()), jsonschema.Draft202012Validator)
    return found


def test_people_who_are_all_logged_in_end_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    """The first line answers. Agents whom nobody expects change nothing."""
    assert check(IN, ALSO_IN) == 0
    said = capsys.readouterr().out
    assert said.startswith("2 of 2 expected people logged in\n")
    assert "not expected   118 agents on the roster, 79 logged in" in said


def test_who_is_missing_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody who is not logged in or not listed ends with 1."""
    assert check(IN, OUT, INACTIVE, "nobody@example.com") == 1
    said = capsys.readouterr().out
    assert said.startswith("1 of 4 expected people logged in; 2 not logged in, 1 not on the roster\n")
    assert "not logged in 2   Iván Peña (30000000005); Loïc Lefèvre (30000000004)" in said
    assert "not on the roster 1   nobody@example.com (line 5)" in said


@pytest.mark.parametrize(
    ("fault", "code", "counts"),
    [
        ("forbidden", 4, {"unknown": 2, "not_on_roster": 1}),
        ("key-refused", 4, {"unknown": 3}),
        ("roster-short", 3, {"logged_in": 1, "not_logged_in": 1, "unknown": 1}),
        ("own-user-only", 3, {"unknown": 3}),
        ("team-hidden", 3, {"logged_in": 1, "unknown": 2}),
    ],
)
def test_unknown_is_never_not_logged_in(
    fault: str, code: int, counts: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody is called missing if the API fails or hides agents."""
    assert check(IN, OUT, "nobody@example.com", more=("--format", "json", "--fault", fault)) == code
    found = document(capsys)
    assert found["exit"] == code
    assert {name: count for name, count in found["expected"]["counts"].items() if count} == counts


def test_the_json_has_each_person(capsys: pytest.CaptureFixture[str]) -> None:
    """The member `expected` has the people and all others. Its verdict and exit code are the command's."""
    assert check(IN, OUT, "nobody", more=("--format", "json")) == 1
    found = document(capsys)
    assert (found["verdict"], found["exit"]) == ("mend", 1)
    assert found["expected"]["people"] == [
        {"line": 2, "asked_as": IN, "presence": "logged_in", "agent_ids": [IN], "similar_ids": []},
        {"line": 3, "asked_as": OUT, "presence": "not_logged_in", "agent_ids": ["30000000005"], "similar_ids": []},
        {"line": 4, "asked_as": "nobody", "presence": "not_on_roster", "agent_ids": [], "similar_ids": []},
    ]
    assert len(found["expected"]["not_expected"]) == 118
    run(["check", "--demo", "--format", "json"])
    assert "expected" not in document(capsys)


def test_the_csv_has_two_more_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """Each agent is expected or not. Somebody who is no agent has a line. No text becomes a formula."""
    assert check(IN, "=nobody", more=("--format", "csv")) == 1
    printed = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(printed.out, newline="")))
    found = {row["agent_id"]: (row["expected"], row["expected_as"]) for row in rows}
    assert len(rows) == 121
    assert found[IN] == ("logged_in", IN)
    assert found["30000000003"] == ("not_expected", "")
    assert found[""] == ("not_on_roster", "'=nobody")
    assert "1 of 2 expected people logged in" in printed.err


def test_junit_and_html_have_the_people(capsys: pytest.CaptureFixture[str]) -> None:
    """The test case of the account fails. The page has a row for each person, without their markup."""
    assert check(IN, "<b>nobody", more=("--format", "junit")) == 1
    root = ET.fromstring(capsys.readouterr().out)  # noqa: S314  our own document
    failure = root.find(".//testcase[@name='account']/failure")
    assert failure is not None
    assert "not on the roster 1" in str(failure.text)
    assert check(IN, "<b>nobody", more=("--format", "html")) == 1
    page = capsys.readouterr().out
    assert '<section id="expected">' in page
    assert "not everybody who is expected is logged in" in page
    assert "<b>nobody" not in page


def test_hostile_texts_of_the_file_stay_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Escapes and bidi marks in the file never reach the terminal."""
    assert check("\x1b[2Jnobody\u202e", IN) == 1
    printed = capsys.readouterr()
    assert all(character == "\n" or character.isprintable() for character in printed.out + printed.err)


def test_a_person_on_two_lines_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """A note names both lines."""
    assert check(IN, "kavya.alsayed") == 0
    printed = capsys.readouterr()
    assert printed.err == "forty.csv: line 3 names the same as line 2. Each person counts once.\n"
    assert printed.out.startswith("1 of 1 expected person logged in\n")


@pytest.mark.parametrize(
    "more", [("--agent", IN), ("--team", "Billing"), ("--state", "Break"), ("--updated-since", "now")]
)
def test_a_part_of_the_roster_cannot_be_compared(more: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """An option that leaves out agents ends with 2. The line without it is shown."""
    assert check(IN, more=more) == 2
    said = capsys.readouterr().err
    assert f"leave out {more[0]}" in said
    assert "rollcall check --roster forty.csv" in said


def test_the_local_part_of_a_user_name_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    """User names of incontact are e-mails. For the part before the @, whom it may mean is shown."""
    more = ("--contract", "incontact")
    assert check("kavya.alsayed", "nobody", more=more) == 1
    said = capsys.readouterr().out
    assert "not on the roster 2   kavya.alsayed (line 2), perhaps Kavya Al-Sayed (30000000002); nobody (line 3)" in said
    assert check("kavya.alsayed", more=(*more, "--format", "json")) == 1
    (person,) = document(capsys)["expected"]["people"]
    assert (person["agent_ids"], person["similar_ids"]) == ([], ["30000000002"])
    assert check("kavya.alsayed", more=(*more, "--format", "html")) == 1
    assert "perhaps " in capsys.readouterr().out


def test_a_bad_file_is_refused_before_anything_is_requested(capsys: pytest.CaptureFixture[str]) -> None:
    """It ends with 2, and no request is sent."""
    Path("forty.csv").write_text("first\nAnn\n", encoding="utf-8")
    assert run(["check", "--demo", "-v", "--roster", "forty.csv"]) == 2
    printed = capsys.readouterr()
    assert "forty.csv, line 1: no column" in printed.err
    assert "#1 " not in printed.err
    assert printed.out == ""
