"""The layout of a case file; it holds every class of observation."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import msgspec
import pytest
from tests.casefile.runs import document, judged, ran

from cxone_rollcall.casefile.document import KINDS, OBSERVATIONS, SCHEMA, case_file_of
from cxone_rollcall.casefile.map_texts import changed
from cxone_rollcall.casefile.reader import read
from cxone_rollcall.casefile.writer import pieces
from cxone_rollcall.findings.catalogue import CHECKS
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.observations.access import TokenRenewals
from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.observations.roster import RowsFound
from cxone_rollcall.model.observations.states import RowsLost, StatesAsked, StatesFiltered, StatesSeen
from cxone_rollcall.model.struct import replace
from cxone_rollcall.version import __version__

MODEL = Path(__file__).parents[2] / "src" / "cxone_rollcall" / "model"


def test_every_kind_of_fact_is_known() -> None:
    """Each observation class, and each class that a check reads, is storable."""
    named = {
        node.name
        for path in MODEL.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Observation" for base in node.bases)
    }
    assert set(KINDS) == named
    assert {kind for check in CHECKS for kind in (*check.needs, *check.uses)} <= set(OBSERVATIONS)


@pytest.mark.parametrize("kind", OBSERVATIONS, ids=KINDS)
def test_every_kind_can_be_read(kind: type[Observation]) -> None:
    """The fields of each observation class have types that a file holds."""
    assert msgspec.json.Decoder(kind).type is kind


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (
            StatesAsked,
            b'{"exchange":4,"batches":2,"asked":3,"rows":2,"absent":{},"listed":false,"lists_logged_out":false,'
            b'"unvouched":[],"unvouched_exchange":0,"too_many":[3,414,2,4],"cut":[37,4,5,1],'
            b'"separator":[",","%2C",4,5],"poisoned":[],"unasked_rows":0,"unasked_exchange":0,"unasked_agent":"",'
            b'"contradicted":{"b":[4,"Busy and Break",true]},"late":{},"ignored_exchange":0,"ignored_rows":0,'
            b'"others":0,"missing_in":{},'
            b'"lost":[4,5,3,50,3],"disagreement":[4,5,0,61,61],"mixed_up":[4,61,2],'
            b'"paging_ignored":[5,3,true,"3 rows",false]}',
        ),
        (StatesSeen, b'{"rows":{},"logged_out":{},"came":[[4,100],[5,7]]}'),
        (
            RowsFound,
            b'{"elsewhere":{"roster":[3,"/items",2]},"no_content":{"states":[4,"",1]},"places":{"3":"/items"}}',
        ),
        (TokenRenewals, b'{"healed":[[3,5]]}'),
    ],
)
def test_values_with_names_are_arrays_in_a_file(kind: type[Observation], written: bytes) -> None:
    """Named tuples are arrays in the file, as in older files."""
    seen = msgspec.json.Decoder(kind).decode(written)
    assert msgspec.json.encode(seen) == written
    assert msgspec.json.encode(changed(seen, str)) == written


def test_values_of_older_files_are_shorter() -> None:
    """A named tuple of an older file lacks the newer values."""
    written = b'{"exchange":4,"batches":2,"asked":3,"rows":2,"absent":{},"lost":[4,5,3,50]}'
    assert msgspec.json.Decoder(StatesAsked).decode(written).lost == RowsLost(4, 5, 3, 50, reversals=0)


def test_the_stage_of_a_failure_keeps_its_name() -> None:
    """A failure's stage is `where` in files, as in older versions."""
    made = Failure(kind=FailureKind.TIMED_OUT, stage=Stage.ROSTER, purpose="page 1", exchange=1)
    assert json.loads(msgspec.json.encode(made))["where"] == "roster"


async def test_the_file_is_one_object() -> None:
    """The file is one JSON object. Each agent, observation and exchange has its own line, after the head."""
    run = await ran()
    file = run.file()
    whole = json.loads(file)
    lines = [line.rstrip(",") for line in file.decode().splitlines()]
    assert (whole["schema"], whole["rollcall"], whole["anonymized"]) == (SCHEMA, __version__, False)
    assert lines[:2] == [f'{{"schema":"{SCHEMA}"', f'"rollcall":"{__version__}"']
    for name in ("roll", "observations", "exchanges"):
        start = lines.index(f'"{name}":[') + 1
        assert [json.loads(line) for line in lines[start : start + len(whole[name])]] == whole[name]
    assert [one["number"] for one in whole["exchanges"]] == list(range(1, whole["requests"]["sent"] + 1))
    assert '"access_token": "***"' in whole["exchanges"][0]["response_body"]
    assert set(whole["missing"]) | {one["kind"] for one in whole["observations"]} == set(KINDS)


async def test_one_run_is_one_file() -> None:
    """A run always gives the same file, also after reading it back."""
    run = await ran("ids-ignored")
    assert run.file() == run.file()
    assert document(judged(run.file())) == document(judged(run.file()))


@pytest.mark.parametrize("anonymized", [False, True])
async def test_a_case_is_read_back_as_it_was(anonymized: bool) -> None:
    """A case that is read equals the one that was written."""
    kept = case_file_of((await ran("batch-cut", agents=5)).account, rollcall="1.0")
    roll = replace(kept.roll, entries=tuple(kept.roll.entries))
    kept = replace(kept, anonymized=anonymized, roll=roll)
    assert read(b"".join(pieces(kept)), "case.json").kept == kept


def test_changing_texts() -> None:
    """Every text within a value is changed, also keys and sets. The order stays; a field may have its own change."""
    seen = StatesFiltered(state="a", with_row=frozenset({"b", "c"}), asked={"z": 1, "d": 2})
    new = changed(seen, str.upper, {"state": str})
    assert (new.state, new.with_row, list(new.asked.items())) == ("a", frozenset({"B", "C"}), [("Z", 1), ("D", 2)])
