"""The whole of each finding, words and evidence, as it stands in `evidence.txt`.

A reader follows evidence to an exchange and a place in it, so a wrong claim, pointer or value misleads. After a change
that is meant, delete the file and run this test, which writes it anew. Read the difference before you commit it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.support.written import assert_as_written

from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.base import Failures
from cxone_rollcall.model.observations.probes import ServerTimeAsked

from .build import AGAIN, OWN, PUBLISHED, called, failed, situation
from .test_catalogue import SITUATIONS

WRITTEN = Path(__file__).with_name("evidence.txt")

REFUSED_BY_401 = situation(
    called("a", unknown="b"),
    PUBLISHED,
    OWN,
    Failures(items=(failed(FailureKind.UNAUTHORIZED, agents="b", status=401),), answered=1),
    ServerTimeAsked(exchange=AGAIN, status=200, accepted=True),
)
"""The token is accepted elsewhere. So the 401 means a permission."""


def lines() -> Iterator[str]:
    """Yield each finding of each situation once. It has its values and its evidence."""
    shown = set[str]()
    for seen in (*SITUATIONS.values(), REFUSED_BY_401):
        for finding in seen.findings():
            text = "\n".join(_described(finding))
            if text not in shown:
                shown.add(text)
                yield text


def _described(finding: Finding) -> Iterator[str]:
    own = [name for name in finding.__struct_fields__ if name not in Finding.__struct_fields__]
    values = "".join(f" {name}={getattr(finding, name)!r}" for name in own)
    yield f"{finding.code} {finding.name} {finding.strength.value}{values}"
    yield f"    says: {finding.text}"
    yield f"    fix: {finding.fix_text}"
    for one in finding.evidence:
        yield f"    {one.claim} | {one.exchange} | {one.pointer} | {one.seen}"
    if finding.settle:
        yield f"    settle: {finding.settle}"


def test_evidence_is_as_written() -> None:
    """Each finding says and cites what `evidence.txt` has for it. That is claim, exchange, place and value."""
    assert_as_written(WRITTEN, "".join(f"{one}\n\n" for one in lines()))
