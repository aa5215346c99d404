"""What commands pass on to the roll."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cxone_rollcall import roll
from cxone_rollcall.cli import session
from cxone_rollcall.cli.main import run
from cxone_rollcall.client import Client
from cxone_rollcall.roll import Ledger, call_roll


@pytest.mark.parametrize("words", [["check"], ["why", "30000000001"], ["request", "request.txt"]], ids=" ".join)
def test_the_grace_is_that_of_the_option(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Absent agents are requested again for as long as --grace says. The run's generator draws the controls."""
    rng, drawn_by, waited = Random(7), list[Random | None](), list[float]()

    async def called(client: Client, ledger: Ledger, *given: Any, rng: Random | None = None, **more: Any) -> None:
        drawn_by.append(rng)
        await call_roll(client, ledger, *given, rng=rng, **more)

    async def wait(client: Client, ledger: Ledger, seconds: float, *, progress: Callable[[], None]) -> None:
        assert ledger.agents
        waited.append(seconds)

    Path("request.txt").write_text("GET /incontactapi/services/v31.0/agents/states HTTP/1.1\nHost: h.example\n")
    for module in (session, roll):
        monkeypatch.setattr(module, "call_roll", called)
        monkeypatch.setattr(module, "wait_for_absent", wait)
    monkeypatch.setattr(session, "RNG", lambda: rng)
    run([*words, "--demo", "--grace", "7"])
    assert waited == [7.0]
    assert drawn_by == ([] if words[0] == "why" else [rng])
