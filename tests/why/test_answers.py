"""What `rollcall why` answers in every situation is as `answers.txt` has it.

After a change that is meant, delete the file and run this test, which writes it anew. Read the difference before you
commit it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.findings.build import Situation
from tests.findings.edges import edges
from tests.findings.test_account import account
from tests.findings.test_catalogue import SITUATIONS
from tests.support.written import assert_as_written

from cxone_rollcall.findings.case import Case
from cxone_rollcall.model.observations.base import Selected
from cxone_rollcall.model.struct import replace
from cxone_rollcall.why import answers
from cxone_rollcall.why.answer import Answer

WRITTEN = Path(__file__).with_name("answers.txt")
MOST = 4
"""Agents of a situation that are asked about."""


def written() -> str:
    """Each answer in all situations once."""
    situations = (*SITUATIONS.values(), *edges())
    told = ("\n".join(_described(answer)) for seen in situations for answer in _answers(seen))
    return "".join(f"{text}\n\n" for text in dict.fromkeys(told))


def _answers(seen: Situation) -> tuple[Answer, ...]:
    typed = [entry.asked_as or entry.agent.agent_id for entry in seen.roll.entries][:MOST]
    asked = Selected(roster=9, kept=9, exchange=2, agents=(*typed, "zed"), unknown=("zed",), why=True)
    findings = seen.findings()
    run = account(seen.roll, *findings)
    told = answers(replace(run, case=Case(seen.roll, (*seen.seen, asked))))
    return tuple(one for one in told if one.agent is None or one.asked_as in typed)


def _described(answer: Answer) -> Iterator[str]:
    codes = ", ".join(finding.code for finding in answer.findings)
    yield f"{answer.sentence} ({codes or 'no finding'})"
    yield from (f"    settle: {one}" for one in answer.settle)
    yield from (f"    fix: {one}" for one in answer.fix)
    yield from (f"    {one.claim} | {one.exchange} | {one.pointer} | {one.seen}" for one in answer.proof)
    yield f"    next: {answer.command}"


def test_answers_are_as_written() -> None:
    """Each answer says, proves and advises what `answers.txt` has."""
    assert_as_written(WRITTEN, written())
