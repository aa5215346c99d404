"""Dates and deltas of incontact lose no agent, none in the future."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")


def dates(value: Any) -> list[str]:
    """Return every text within a value that looks like a date."""
    if isinstance(value, dict):
        return [date for part in value.values() for date in dates(part)]
    if isinstance(value, list):
        return [date for part in value for date in dates(part)]
    return [value] if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value) else []


async def test_updated_agents(published: Visit) -> None:
    """updatedSince selects agents who logged in, or left, after that."""
    async with published(readings={"dates": "world"}) as visitor:
        rows = await visitor.follow("agents?updatedSince=2026-03-02T00:00:00Z", "agents")
        assert 0 < len(rows) < 120
        assert all((row["inactiveDate"] or row["lastLogin"]) >= "2026-03-02" for row in rows)


async def test_a_delta_has_each_changed_agent(published: Visit) -> None:
    """From the last poll on, each changed agent has a row. Logged-out agents too."""
    time = [1_800_000_000.0]
    async with published(clock="running", token_life=10**6, now=lambda: time[0]) as visitor:
        known = await visitor.all_states()
        polled = (await visitor.states()).json["lastPollTime"]
        counts = []
        for _ in range(60):
            time[0] += 437
            page = (await visitor.get(f"agents/states?top=100&updatedSince={polled}")).json
            delta = await visitor.all_states(f"&updatedSince={polled}")
            counts.append(len(delta))
            known |= delta
            polled = page["lastPollTime"]
            assert known == await visitor.all_states()
        assert max(counts) > 0


async def test_idle_delta(published: Visit) -> None:
    """A delta without changes is an empty list, in one request."""
    time = [0.0]
    for second in range(1_800_000_000, 1_800_000_012):
        time[0] = float(second)
        async with published(now=lambda: time[0], readings={"poll_lag": second % 3}) as visitor:
            for _ in range(3):
                polled = (await visitor.states()).json["lastPollTime"]
                time[0] += 7
                delta = await visitor.get(f"agents/states?updatedSince={polled}")
                assert (delta.status, delta.json["agentStates"], delta.json["totalRecords"]) == (200, [], 0)


async def test_poll_is_not_now(published: Visit) -> None:
    """lastPollTime is the server's last poll, which may be late. server-time is its clock, as is Date."""
    now = 1_800_000_003.0
    async with published(now=lambda: now, readings={"poll_every": 10, "poll_lag": 60, "fraction": "none"}) as visitor:
        assert (await visitor.states()).json["lastPollTime"] == "2027-01-15T07:59:00Z"
        assert (await visitor.get("server-time")).json == {"ServerTime": "2027-01-15T08:00:03Z"}


@pytest.mark.parametrize(("fraction", "digits"), [("mixed", {0, 1, 2, 3}), ("always", {3}), ("none", {0})])
async def test_the_form_of_dates(published: Visit, fraction: str, digits: set[int]) -> None:
    """Dates are UTC with a Z and 0 to 3 decimals. No event is in the future."""
    async with published(readings={"fraction": fraction}) as visitor:
        found = dates(await visitor.follow("agents", "agents")) + dates(list((await visitor.all_states()).values()))
        assert {len((DATE.fullmatch(date) or ["", None])[1] or ".") - 1 for date in found} == digits
        now = datetime.now(UTC)
        assert all(datetime.fromisoformat(date) <= now for date in found)
