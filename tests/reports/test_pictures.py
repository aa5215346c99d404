"""What the pictures of a page are drawn from."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.reports.floors import AVAILABLE, LOGGED_OUT, written
from tests.views.reports.made import EXCEPTIONS, report

from cxone_rollcall.history.reading import reading
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.reports.options import Options
from cxone_rollcall.reports.pictures import MOST_AGENTS, Pictures, pictures
from cxone_rollcall.reports.window import Period

HOUR = 3_600
BEGIN = 1_772_409_600
"""A midnight in UTC, in seconds since the epoch."""
TEAMS = (None, "Sales", "Billing")


def people(number: int) -> list[Agent]:
    """So many agents, whose names are in another order than their ids."""
    return [Agent(str(one), f"Name {999 - one}", team=TEAMS[one % len(TEAMS)]) for one in range(number)]


def drawn(folder: Path, number: int, options: Options | None = None, *, out: tuple[str, ...] | None = None) -> Pictures:
    """The pictures of a day on which everybody works for an hour. `out` had an exception."""
    hours = [(BEGIN + hour * HOUR) * 1000 for hour in (0, 1, 2, 24)]
    day = [
        (hours[0], hours[1], LOGGED_OUT),
        (hours[1], hours[2], AVAILABLE),
        (hours[2], hours[3], LOGGED_OUT),
    ]
    written(folder / "day.db", dict.fromkeys(people(number), day), first=hours[0], last=hours[3])
    period = Period(BEGIN, BEGIN + 24 * HOUR, ZoneInfo("UTC"))
    spans = None if out is None else [(one, "", period.at(BEGIN), period.at(BEGIN + 1), "Open", "", "") for one in out]
    exceptions = None if spans is None else report("adherence-exceptions", EXCEPTIONS, spans)
    with reading(folder / "day.db") as history:
        return pictures(history, period, options or Options(), exceptions=exceptions)


def test_a_few_are_all_drawn(tmp_path: Path) -> None:
    """Lanes and columns are of everybody. A column is a quarter hour."""
    made = drawn(tmp_path, 5)
    assert made.agents == len(made.teams) == 5
    assert {row[0] for row in made.timeline.rows} == set(made.teams)
    assert sum(row[-1] for row in made.stacked.rows if isinstance(row[-1], int)) == 5 * 24 * HOUR
    assert len({row[0] for row in made.stacked.rows}) == 96
    assert made.exceptions is None


def test_of_many_the_first_by_team_and_name_are_drawn(tmp_path: Path) -> None:
    """The others are counted, and are in the columns. Exceptions are of those who are drawn."""
    made = drawn(tmp_path, MOST_AGENTS + 8, out=("2", "0"))
    in_order = sorted(people(MOST_AGENTS + 8), key=lambda one: (one.team is None, one.team or "", one.name or ""))
    assert made.agents == MOST_AGENTS + 8
    assert made.teams == {one.agent_id: one.team for one in in_order[:MOST_AGENTS]}
    assert sum(row[-1] for row in made.stacked.rows if isinstance(row[-1], int)) == made.agents * 24 * HOUR
    assert made.exceptions is not None
    assert [row[0] for row in made.exceptions.rows] == ["2"]


@pytest.mark.parametrize("options", [Options(teams=("Sales",)), Options(interval="1h", by="team", teams=("sales",))])
def test_the_options_of_a_report_choose_its_agents(options: Options, tmp_path: Path) -> None:
    """A page of one team has its lanes and columns alone."""
    made = drawn(tmp_path, 9, options)
    assert set(made.teams.values()) == {"Sales"}
    assert made.agents == 3
    assert sum(row[-1] for row in made.stacked.rows if isinstance(row[-1], int)) == 3 * 24 * HOUR
