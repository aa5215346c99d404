"""A sample of the strikes, and the page that `python3 dev.py strikes` wrote."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from quality.strikes.campaign import questions, struck
from quality.strikes.kinds import KINDS
from quality.strikes.plan import TENANTS, Setting, Tenant, everything
from quality.strikes.strike import Strike, When
from quality.strikes.verdict import Ended
from tests.support.thorough import mostly_thorough

PAGE = Path(__file__).resolve().parents[3] / "docs" / "strikes.md"
SAMPLE = 30
"""Settings of each tenant, drawn with a fixed seed."""
LEAST_STRUCK = 0.7
"""Share of the sample that must be struck. Other runs did not send the request: with noise each run sends others."""


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("tenant", mostly_thorough(TENANTS, quick=1), ids=lambda tenant: tenant.name)
def test_nothing_is_wrong(tenant: Tenant) -> None:
    """After any strike the run is right or an honest partial. Most runs are struck."""
    quick = [kind for kind in KINDS if not kind.slow and not kind.name.startswith(("429", "huge", "gzip-bomb"))]
    ended = []
    for setting in random.Random(1).sample(list(everything(tenant, questions(tenant), quick)), SAMPLE):
        verdict = struck(setting)
        assert verdict.wrong == (), setting.in_words
        ended.append(verdict.ended)
    assert sum(one is not Ended.MISSED for one in ended) >= LEAST_STRUCK * len(ended)
    assert Ended.PARTIAL in ended
    assert tenant.faults or Ended.RIGHT in ended


@pytest.mark.usefixtures("alone")
def test_a_request_that_is_not_sent_is_not_struck() -> None:
    """A strike at a request that is not sent is not counted."""
    (tenant, *_) = TENANTS
    assert struck(Setting(tenant=tenant, strike=Strike(KINDS[0], "GET /never", When.ONCE))).ended is Ended.MISSED


def test_the_page_has_all_strikes() -> None:
    """The page has each kind and each tenant, and no errors."""
    page = PAGE.read_text(encoding="utf-8")
    rows = [line[2:-2].split(" | ") for line in page.splitlines() if line.startswith("| ")]
    counted = {row[0].strip("`"): row for row in rows if len(row) > 5}
    assert {kind.name for kind in KINDS} | {tenant.name for tenant in TENANTS} <= counted.keys()
    head = counted["kind"]
    wrong = head.index(Ended.WRONG)
    assert {counted[kind.name][wrong] for kind in KINDS} == {"0"}
