"""A few of the strikes, the whole of which `python3 dev.py strikes` runs; and the page that it wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from quality.strikes.campaign import questions, struck
from quality.strikes.kinds import KINDS
from quality.strikes.plan import TENANTS, Setting, Tenant, everything
from quality.strikes.strike import Strike, When
from quality.strikes.verdict import Ended
from tests.support.thorough import mostly_thorough

PAGE = Path(__file__).resolve().parents[3] / "docs" / "strikes.md"
EACH = 97
"""One run in so many: a prime, so that kinds, requests and ways all change from one to the next."""
LEAST_STRUCK = 0.9
"""Of a sample: a strike at a question that this run did not ask proves nothing, and is to be the exception."""


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("tenant", mostly_thorough(TENANTS, quick=1), ids=lambda tenant: tenant.name)
def test_nothing_is_wrong(tenant: Tenant) -> None:
    """Whatever is done to an answer, the run is right, or says what it does not know and why; most are struck."""
    quick = [kind for kind in KINDS if not kind.slow and not kind.name.startswith(("429", "huge", "gzip-bomb"))]
    ended = []
    for setting in list(everything(tenant, questions(tenant), quick))[::EACH]:
        verdict = struck(setting)
        assert verdict.wrong == (), setting.in_words
        ended.append(verdict.ended)
    assert len(ended) >= 10
    assert sum(one is not Ended.MISSED for one in ended) >= LEAST_STRUCK * len(ended)
    assert {Ended.RIGHT, Ended.PARTIAL} <= set(ended)


@pytest.mark.usefixtures("alone")
def test_what_is_not_asked_is_not_struck() -> None:
    """A strike at a question that a run never asks is told apart: it proves nothing."""
    (tenant, *_) = TENANTS
    assert struck(Setting(tenant=tenant, strike=Strike(KINDS[0], "GET /never", When.ONCE))).ended is Ended.MISSED


def test_the_page_is_of_these_strikes() -> None:
    """The page of the docs has every kind and every tenant, and nothing on it is wrong."""
    page = PAGE.read_text(encoding="utf-8")
    rows = [line[2:-2].split(" | ") for line in page.splitlines() if line.startswith("| ")]
    counted = {row[0].strip("`"): row for row in rows if len(row) > 5}
    assert {kind.name for kind in KINDS} | {tenant.name for tenant in TENANTS} <= counted.keys()
    head = counted["kind"]
    wrong = head.index(Ended.WRONG)
    assert {counted[kind.name][wrong] for kind in KINDS} == {"0"}
