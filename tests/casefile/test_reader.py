"""A damaged or foreign file is refused, with its name and advice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.casefile.runs import document, judged, ran

from cxone_rollcall.casefile import reader
from cxone_rollcall.casefile.reader import read
from cxone_rollcall.casefile.writer import write
from cxone_rollcall.errors import SettingError
from cxone_rollcall.findings.judge import account_of
from cxone_rollcall.model.struct import replace
from cxone_rollcall.version import __version__

File = bytes


@pytest.fixture(scope="module")
def case() -> File:
    """Return the file of a run on a tenant with a fault."""
    return asyncio.run(ran("server-error-some", agents=7)).file()


def refusal(data: bytes) -> str:
    """Return the message about a file, with its example."""
    with pytest.raises(SettingError) as refused:
        read(data, "it.json")
    said = f"{refused.value} {refused.value.example}"
    assert said.startswith("it.json ")
    assert len(said) < 600
    return said


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no case"),
        (b"  \n", "no case"),
        (b"hello", "no case"),
        (b"null", "no case"),
        (b"[1, 2]", "no case"),
        (b"{}", "no case"),
        (b'{"schema": ""}', "is no case file of rollcall. This"),
        (b'{"schema": 1}', "no case"),
        (b'{"schema": "rollcall/check/1", "findings": []}', "rollcall/check/1"),
        (b'{"schema": "rollcall/case/1"}', "missing required field"),
        (b'{"schema": "rollcall/case/2"}', "git pull, in the checkout"),
        (b'{"schema": "rollcall/case/' + b"9" * 5000 + b'"}', "git pull, in the checkout"),
        (b'{"schema": "rollcall/case/0"}', "no case"),
        (b'{"schema": "rollcall/case/x"}', "no case"),
        (b'{"schema": "rollcall/ca', "cut off"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "no case"),
        (b"\xff\xfe{\x00}\x00", "no case"),
        (b"[" * 3_000_000, "no case"),
        (b'{"schema": "rollcall/case/1", "x": ' + b"[" * 3_000_000, "damaged"),
        (b'{"a": ' * 500_000, "damaged"),
        (b'{"schema": "rollcall/case/1"} and more', "damaged"),
        (b'{"schema": "\xff"}', "damaged"),
        (b'{"schema": "rollcall/case/1", "rollcall": "\xff"}', "damaged"),
        (b'{"schema": "rollcall/case/1", "observations": [{"kind": "\xff"}]}', "damaged"),
        (b'{"schema": "rollcall/case/1", "observations": 5}', "not as rollcall writes it"),
    ],
)
def test_what_is_no_case(data: bytes, said: str) -> None:
    """Files that are no case are refused by name.

    Empty, texts, other JSON, other schemas, pictures, endless nesting.
    """
    assert said in refusal(data)


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (None, "is no case file of rollcall. This saves one:"),
        (1, "is no case file of rollcall. This saves one:"),
        ("x" * 51, f"is no case file of rollcall: its schema is '{'x' * 50}'. This saves one:"),
        (
            "rollcall/case/" + "9" * 37,
            f"has the schema rollcall/case/{'9' * 36}, but this rollcall {__version__} reads rollcall/case/1:"
            " update it",
        ),
    ],
)
def test_another_schema_is_named(schema: str | int | None, why: str) -> None:
    """Only a newer case needs an update. Long names are cut."""
    with pytest.raises(SettingError) as refused:
        read(json.dumps({"schema": schema}).encode(), "it.json")
    example = "git pull, in the checkout of rollcall" if "update" in why else "rollcall check --save case.json"
    assert (str(refused.value), refused.value.example) == (f"it.json {why}", example)


def test_an_error_of_200_characters_is_quoted_whole(case: File) -> None:
    """A longer one is cut, with three dots."""
    whole = json.loads(case)
    before, after = (
        "it.json cannot be read: it is not as rollcall writes it: ",
        ". Get the file again, or save the case again:",
    )

    def quoted(standing: str) -> str:
        whole["roll"][0]["standing"] = standing
        with pytest.raises(SettingError) as refused:
            read(json.dumps(whole).encode(), "it.json")
        assert refused.value.example == "rollcall check --save case.json"
        return str(refused.value).removeprefix(before).removesuffix(after)

    least = len(quoted("x")) - 1
    longest = quoted("x" * (200 - least))
    assert (len(longest), longest[-1]) == (200, "`")
    assert quoted("x" * (201 - least)) == f"{longest.replace('x', 'xx', 1)[:200]}..."


def test_a_truncated_file(case: File) -> None:
    """A file cut at any point is refused as incomplete or damaged."""
    for length in range(1, len(case) - 2, len(case) // 97):
        assert "damaged" in refusal(case[:length])
    assert document(judged(case[:-1])) == document(judged(case))  # the newline at its end


def changes() -> list[tuple[str, Callable[[Any], Any]]]:
    """Return ways in which a file may have been edited, by name."""

    def put(*path: Any, value: Any) -> Callable[[Any], Any]:
        def change(whole: Any) -> None:
            inner = whole
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = value

        return change

    def twice(name: str) -> Callable[[Any], Any]:
        return lambda whole: whole[name].append(whole[name][0])

    return [
        ("a number as text", put("exchanges", 0, "number", value="1")),
        ("a time without a zone", put("started_at", value="2026-03-02T10:00:00")),
        ("no time", put("finished_at", value="yesterday")),
        ("a standing that is none", put("roll", 0, "standing", value="gone")),
        ("an agent without an id", lambda whole: whole["roll"][0]["agent"].pop("agent_id")),
        ("a list in place of facts", put("observations", 0, "facts", value=[])),
        ("facts of another type", put("observations", 0, "facts", value={"roster": "many"})),
        ("no tenant", lambda whole: whole.pop("tenant")),
        ("an object in place of the exchanges", put("exchanges", value={})),
        ("a huge number", put("requests", "sent", value=1e308)),
        ("an agent twice", twice("roll")),
        ("an exchange twice", twice("exchanges")),
        ("an observation twice", twice("observations")),
    ]


@pytest.mark.parametrize(("name", "change"), changes(), ids=[name for name, _ in changes()])
def test_wrong_types_and_numbers(case: File, name: str, change: Callable[[Any], Any]) -> None:
    """A file with wrong types or numbers is refused, naming the place."""
    whole = json.loads(case)
    change(whole)
    assert "not as rollcall writes it" in refusal(json.dumps(whole).encode())


@given(st.data())
def test_any_bytes_are_a_case_or_refused(case: File, data: st.DataObject) -> None:
    """Any bytes are a case or are refused."""
    whole = bytearray(case)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place : place + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    try:
        judged(bytes(whole))
    except SettingError:
        return


def test_of_another_version(case: File) -> None:
    """Observations of a newer version are left out, with a remark.

    Observations that an older version lacks are named where they are missing.
    """
    whole = json.loads(case)
    newer = "9.0" + "0" * 48
    whole["rollcall"] = newer
    whole["new"] = {"field": 1}
    whole["observations"][0]["facts"]["new"] = 1
    whole["observations"].append({"kind": "MoonSeen", "facts": {"phase": [1, {"full": None}]}})
    whole["observations"].append({"kind": "CometSeen", "facts": {}})
    missing = next(iter(whole["missing"]))
    del whole["missing"][missing]
    reading = read(json.dumps(whole).encode(), "it.json")
    assert reading.remarks == (
        f"it.json was saved by rollcall {newer}; version {__version__} judges it here",
        "it.json has observations that this version does not know and leaves out: CometSeen, MoonSeen",
    )
    account = account_of(reading.kept.case, reading.kept)
    assert account.counts == judged(case).counts
    assert missing in {kind.__name__ for kind in reading.kept.missing}
    assert f"rollcall {newer[:50]}, which saved the case, did not look for it" in reading.kept.missing.values()
    assert read(case, "it.json").remarks == ()


def test_half_characters_are_written(case: File) -> None:
    """A lone surrogate, which JSON allows, does not prevent writing a case."""
    account = judged(case)
    odd = replace(account, tenant=replace(account.tenant, profile="a\ud800b"))
    for anonymize in (False, True):
        assert judged(b"".join(write(odd, hide=str, anonymize=anonymize))).tenant.profile == "a\\ud800b"


def test_a_file_of_endless_values_is_refused(case: File, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of millions of values is refused before they are made. So is one of endless observations."""
    strange = b'{"kind":"strange","facts":0},'
    left = 1_000 - len(json.loads(case)["observations"])
    many = case.replace(b'"observations":[', b'"observations":[' + strange * (left + 1))
    with pytest.raises(
        SettingError, match=r"it\.json is no case of a run: it has 1,001 observations, not at most 1,000$"
    ):
        read(many, "it.json")
    few = case.replace(b'"observations":[', b'"observations":[' + strange * left)
    assert any("strange" in remark for remark in read(few, "it.json").remarks)
    monkeypatch.setattr(reader, "MOST_VALUES", 20_000)
    for place, value in ((b'"roll":[', b"{},"), (b'"missing":{', b'"a":"",'), (b'"observations":[', b"[1,2],")):
        assert "values" in refusal(case.replace(place, place + value * 30_000))
    slow = case.replace(b'"observations":[', b'"observations":[' + b"1e300," * 20_001)
    monkeypatch.setattr(reader, "MOST_VALUES", 100_000)
    assert "more than 20,000 numbers have a large exponent" in refusal(slow)
    assert read(case.replace(b'"rollcall":"', b'"rollcall":"' + b'a,\\",' * 30_000), "it.json").kept.roll.entries
