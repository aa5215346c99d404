"""`--probes` and `--grace`: their requests, their report, their findings."""

from __future__ import annotations

from typing import Any

import pytest
from quality.common.expected_codes.case import COMPLETE, NOTE
from tests.faults.holding import hold

Check = Any  # the fixture of conftest.py


def ended(run: Any, check: str) -> tuple[str, str]:
    """Return how a check ended, and why."""
    (outcome,) = (one for one in run.document["outcomes"] if one["check"] == check)
    return outcome["ended"], outcome["why"]


async def test_cannot_list_all(check: Check) -> None:
    """An empty list without ids is a note of --probes deep."""
    run = await check(options=("--probes", "deep"))
    hold(run)
    assert run.strengths["RC303"] == {NOTE}
    assert (run.exit, run.document["requests"]["probes"]) == (COMPLETE, 2)
    assert ended(run, "everybody-listed")[0] == "found"


@pytest.mark.parametrize("settings", [{"list_all": True}, {"contracts": ("incontact",)}], ids=["v2", "incontact"])
async def test_may_list_all(check: Check, settings: dict[str, Any]) -> None:
    """An account that may list all has no such note."""
    run = await check(options=("--probes", "deep"), **settings)
    hold(run)
    assert "RC303" not in run.strengths
    assert run.exit == COMPLETE


async def test_no_agent_present_is_no_such_finding(check: Check) -> None:
    """Without any row by ids, states without ids are not requested."""
    run = await check("nobody-logged-in", options=("--probes", "deep"))
    hold(run, "nobody-logged-in")
    assert run.serious == {"RC605"}
    assert ended(run, "everybody-listed") == (
        "skipped",
        "no agent has a row by id, so an empty list would prove nothing",
    )


async def test_probes_off(check: Check) -> None:
    """With probes off none is sent, and their checks are skipped. The rest is stated less surely."""
    run = await check("other-contract", options=("--probes", "off"))
    hold(run, "other-contract")
    assert run.document["requests"]["probes"] == 0
    assert ended(run, "contract-served") == ("skipped", "probes are off")
    assert run.serious == {"RC512"} or not run.proven


async def test_probe_requests_are_counted(check: Check) -> None:
    """Probe requests are counted among all, and separately."""
    run = await check("other-contract")
    assert 1 <= run.document["requests"]["probes"] <= 5 < run.document["requests"]["sent"]


@pytest.mark.parametrize("contract", ["v2", "incontact"])
async def test_deep_finds_no_more_than_there_is(check: Check, contract: str) -> None:
    """On a healthy tenant --probes deep finds nothing above NOTE."""
    run = await check(options=("--probes", "deep"), contracts=(contract,))
    hold(run)
    assert (run.exit, run.serious) == (COMPLETE, set())


async def test_an_agent_who_just_logged_in(check: Check) -> None:
    """An agent who just logged in appears within the grace period."""
    run = await check("login-race=asks=3", options=("--grace", "1.5"))
    hold(run, "login-race")
    assert run.strengths["RC604"] == {NOTE}
    assert run.document["counts"]["present"] == sum(one.state is not None for one in run.truth)


async def test_grace_within_the_limit(check: Check) -> None:
    """The run's time limit ends the grace period; results stay."""
    run = await check(options=("--grace", "600", "--timeout", "1.5"))
    assert "time limit" in run.document["ended_early"]
    assert run.document["counts"]["present"] == sum(one.state is not None for one in run.truth)
    assert run.document["counts"]["unknown"] == 0
