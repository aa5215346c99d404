"""An agent's day so far, read from a history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.history.recorded import Recorded, recorded
from tests.live.clockwork import noon
from tests.reports.floors import AVAILABLE, written

from cxone_rollcall.assistants.documents import TodayAnswer
from cxone_rollcall.assistants.problem import NotAnswered
from cxone_rollcall.assistants.texts import TenantTexts
from cxone_rollcall.assistants.today import read_today
from cxone_rollcall.errors import HistoryError
from cxone_rollcall.history.interval import Person
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.struct import replace

ZONE = ZoneInfo("UTC")


def today(here: Recorded, agent: str, *, later: float = 0.0, names: bool = False) -> TodayAnswer:
    """The day of an agent, some seconds after the tenant's present."""
    return read_today(
        here.path,
        agent,
        ZONE,
        now=here.world.emulator.tenant.now() + later,
        texts_of=lambda agents: TenantTexts(agents, names=names, redact=str),
    )


@pytest.mark.parametrize("contract", ["v2", "incontact"])
async def test_each_second_of_the_day_is_in_one_stretch(tmp_path: Path, contract: str) -> None:
    """The stretches follow each other from midnight until now. Their seconds add up."""
    async with recorded(tmp_path / "history.db", contract, now=noon) as here:
        async with here.recorder() as running:
            await running.polls(30)
        answer = today(here, "30000000008")
    assert datetime.fromisoformat(answer.begin).astimezone(UTC).time().isoformat() == "00:00:00"
    assert [one.end for one in answer.stretches[:-1]] == [one.begin for one in answer.stretches[1:]]
    assert (answer.stretches[0].begin, answer.stretches[-1].end) == (answer.begin, answer.end)
    length = (datetime.fromisoformat(answer.end) - datetime.fromisoformat(answer.begin)).total_seconds()
    assert sum(one.seconds for one in answer.time_in_state) == length == answer.known_seconds + answer.unknown_seconds
    assert answer.known_seconds > 0


async def test_time_that_nobody_saw_is_unknown(tmp_path: Path) -> None:
    """Time without a recorder is unknown, and the answer says so."""
    async with recorded(tmp_path / "history.db", "v2", now=noon) as here:
        async with here.recorder() as running:
            await running.polls(5)
        here.pass_time(600)
        async with here.recorder() as running:
            await running.polls(5)
        answer = today(here, "30000000008", later=120)
    assert answer.complete is False
    assert "do not count it as absent" in answer.summary
    assert answer.unknown_seconds >= 720
    assert {one.cause for one in answer.stretches if one.standing == "unknown"} >= {"not-recorded", "recorder-down"}
    assert answer.age >= 120
    assert all(one.cause is None for one in answer.stretches if one.standing != "unknown")


async def test_names_are_left_out_of_the_day(tmp_path: Path) -> None:
    """The day has the agent's id, and its name only with names."""
    async with recorded(tmp_path / "history.db", "v2", now=noon) as here:
        async with here.recorder() as running:
            await running.polls(2)
        name = here.world.emulator.truth()[7].name
        shown = {names: today(here, name, names=names) for names in (False, True)}
    assert {one.agent_id for one in shown.values()} == {"30000000008"}
    assert shown[True].data.name == name
    assert name not in repr(shown[False])


async def test_a_day_is_read_with_the_names_of_its_agent(tmp_path: Path) -> None:
    """Of a whole floor only the requested agent is read."""
    looked_for: list[str] = []

    def texts_of(agents: Iterable[Agent]) -> TenantTexts:
        found = list(agents)
        looked_for.extend(one.agent_id for one in found)
        return TenantTexts(found, names=False, redact=str)

    async with recorded(tmp_path / "history.db", "v2", now=noon) as here:
        async with here.recorder() as running:
            await running.polls(2)
        read_today(here.path, "30000000008", ZONE, now=here.world.emulator.tenant.now(), texts_of=texts_of)
    assert set(looked_for) == {"30000000008"}


async def test_a_day_that_has_just_begun_has_no_time_yet(tmp_path: Path) -> None:
    """At midnight the day has no second, and the answer says so."""
    async with recorded(tmp_path / "history.db", "v2", now=noon) as here:
        async with here.recorder() as running:
            await running.polls(2)
        with pytest.raises(NotAnswered, match="The day has just begun"):
            today(here, "30000000008", later=-(here.world.emulator.tenant.now() % 86_400))


async def test_an_agent_that_was_not_there_is_answered_with_how_to_ask(tmp_path: Path) -> None:
    """A name that nobody had today is an error without other names."""
    async with recorded(tmp_path / "history.db", "v2", now=noon) as here:
        async with here.recorder() as running:
            await running.polls(2)
        with pytest.raises(NotAnswered, match="Nobody was called 'Kavya Alsayet' in today's history") as error:
            today(here, "Kavya Alsayet")
    assert "Al-Sayed" not in str(error.value)


def test_agents_of_one_name_are_offered_with_their_last_teams(tmp_path: Path) -> None:
    """Each agent of that name is a candidate. Its team is its last one."""
    begin, end = 1_772_452_800_000, 1_772_460_000_000
    moved, other = Agent("1", name="Ann Lee", team="Sales"), Agent("2", name="Ann Lee", team="Billing")
    written(
        tmp_path / "h.db",
        {one: [(begin, end, AVAILABLE)] for one in (moved, other)},
        first=begin,
        last=end,
        later=[Person(begin + 3_600_000, replace(moved, team="Support"))],
    )
    with pytest.raises(NotAnswered, match=r"^2 agents were called 'Ann Lee' today\.") as refused:
        read_today(
            tmp_path / "h.db",
            "Ann Lee",
            ZONE,
            now=end / 1000,
            texts_of=lambda agents: TenantTexts(agents, names=True, redact=str),
        )
    assert refused.value.data is not None
    assert [(one.agent_id, one.data["team"]) for one in refused.value.data.candidates] == [
        ("1", "Support"),
        ("2", "Billing"),
    ]


def test_a_file_that_is_no_history_is_said_to_be_none(tmp_path: Path) -> None:
    """A missing file is an error of the history."""
    with pytest.raises(HistoryError):
        read_today(
            tmp_path / "none.db",
            "1",
            ZONE,
            now=0.0,
            texts_of=lambda agents: TenantTexts(agents, names=False, redact=str),
        )
