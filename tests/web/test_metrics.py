"""The metrics are true: what is not known is left out."""

from __future__ import annotations

import re

from tests.live.test_rules import CONTRACTS
from tests.web.serving import Served, served

SAMPLE = re.compile(r'^(rollcall_\w+)(?:\{((?:\w+="(?:[^"\\\n]|\\.)*",?)*)\})? (-?[0-9.]+)$')


async def scraped(here: Served) -> dict[tuple[str, str], float]:
    """Every sample, by name and labels. Each line is well formed."""
    status, text = await here.text("/metrics")
    assert status == 200
    found = {}
    for line in text.splitlines():
        if not line.startswith("# "):
            sample = SAMPLE.match(line)
            assert sample, line
            found[sample[1], sample[2] or ""] = float(sample[3])
    return found


@CONTRACTS
async def test_standings_add_up_at_each_scrape(contract: str) -> None:
    """The four standings in the metrics always add up to the roster.

    None is left out, even if it is zero, or during an outage.
    """
    async with served(40, contract) as here:
        await here.poll()
        for faults in ((), ("server-error",), (), ("forbidden",)):
            here.break_by(*faults)
            for _ in range(4):
                await here.poll()
                samples = await scraped(here)
                standings = [
                    samples["rollcall_agents", f'standing="{name}"']
                    for name in ("present", "logged_out", "absent", "unknown")
                ]
                assert sum(standings) == 40


async def test_each_poll_is_timed() -> None:
    """Each poll adds to count and sum, even if it failed."""
    async with served(5) as here:
        count, total = ("rollcall_poll_duration_seconds_count", ""), ("rollcall_poll_duration_seconds_sum", "")
        seen = [await scraped(here)]
        for faults in ((), ("server-error",), ()):
            here.break_by(*faults)
            await here.poll()
            seen.append(await scraped(here))
        assert [one[count] - seen[0][count] for one in seen] == [0, 1, 2, 3]
        assert [one[total] for one in seen] == sorted(one[total] for one in seen)


async def test_a_blind_part_has_no_groups() -> None:
    """Where states are not known now, no group is counted; unknown rises."""
    async with served(40) as here:
        await here.poll()
        seeing = await scraped(here)
        assert any(name == "rollcall_group_agents" for name, _ in seeing)
        assert seeing["rollcall_up", ""] == 1
        here.break_by("server-error")
        await here.poll(3)
        blind = await scraped(here)
        assert not any(name == "rollcall_group_agents" for name, _ in blind)
        assert blind["rollcall_agents", 'standing="unknown"'] == 40
        assert blind["rollcall_up", ""] == 0
        assert any(name == "rollcall_finding" for name, _ in blind)
        assert (
            blind["rollcall_last_success_timestamp_seconds", ""]
            == seeing["rollcall_last_success_timestamp_seconds", ""]
        )


async def test_before_the_first_board_nobody_is_counted() -> None:
    """Before the first board the metrics have no agents. They are missing, not zero."""
    async with served(40, faults=["server-error"]) as here:
        assert not any(name == "rollcall_agents" for name, _ in await scraped(here))
        await here.poll()
        assert not any(name == "rollcall_as_of_timestamp_seconds" for name, _ in await scraped(here))


async def test_no_name_of_a_person_is_a_label() -> None:
    """No agent's name, user name or e-mail address is in the metrics."""
    async with served(40) as here:
        await here.poll()
        _, text = await here.text("/metrics")
        for agent in (await here.board())["agents"]:
            assert not any(agent[field] in text for field in ("name", "user_name", "email"))
