"""Whole screens, as in `whole.txt`. Before each line stands its style.

After a change that is meant, delete the file and run this test, which writes it anew. Read the difference before you
commit it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.findings.build import called, roster_of, situation
from tests.support.written import assert_as_written

from cxone_rollcall.live.events import Polled
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.live.seat import MOST_MISSED, STALE, Certainty, Seat, Since
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace
from cxone_rollcall.views.screen.choices import Choices
from cxone_rollcall.views.screen.floor import arranged
from cxone_rollcall.views.screen.page import STYLES, Scene, page

WRITTEN = Path(__file__).with_name("whole.txt")
NOW = 100_000.0
HOSTILE = "\x1b[2J\u202eBo\nEk"
LONG = "Waiting for a supervisor to approve the refund of last week"


def seat(
    agent_id: str,
    state: str | None = "Available",
    sub_state: str | None = None,
    *,
    since: float = 61.0,
    certainty: Certainty = Certainty.EXACT,
    standing: Standing = Standing.PRESENT,
    missed: int = 0,
    name: str | None = None,
    team: str | None = None,
) -> Seat:
    """An agent that has been in a state for so many seconds."""
    of = AgentState(agent_id, state, sub_state) if standing is Standing.PRESENT else None
    group = Groups().of(of) if of is not None else None
    latest = Since(NOW - since, certainty)
    return Seat(Agent(agent_id, name=name, team=team), standing, of, group, latest, as_of=NOW - 10, missed=missed)


def floor_of_a_day(missed: int = 0) -> tuple[Seat, ...]:
    """A board with each group, standing and certainty. Names and teams are absent, long, wide and hostile."""
    return (
        seat("1", name="Ann Lee", team="Support", missed=missed),
        seat("2", "InboundContact", "InboundContact - Chat", since=3_725, name=HOSTILE, team=HOSTILE, missed=missed),
        seat("3", "ACW", certainty=Certainty.BETWEEN, name="渡辺 美咲", team="営業部", missed=missed),
        seat("4", "Break", "Lunch", since=500_000, certainty=Certainty.AT_LEAST, team="Support", missed=missed),
        seat("5", None, name="Cy Ng " * 9, team="Support Tier 2 Europe", missed=missed),
        seat("6", LONG, name="Di Fox", team="support", since=0, missed=missed),
        seat("7", standing=Standing.UNKNOWN, name="Ed Um", team="Billing", missed=missed),
        seat("8", standing=Standing.ABSENT, name="Flo Io", missed=missed),
        seat("9", standing=Standing.LOGGED_OUT, name="ann lee", missed=missed),
    )


POLLED = Polled(
    poll=7,
    as_of=NOW,
    received_at=NOW,
    ok=True,
    complete=True,
    age=1.0,
    counts={"roster": 9, "present": 6, "logged_out": 1, "absent": 1, "unknown": 1, "unexplained": 1},
    requests=3,
    interval=12.5,
)


def drawn(
    seats: Sequence[Seat] | None = None,
    *,
    cells: int = 100,
    height: int = 30,
    choices: Choices | None = None,
    polled: Polled | None = POLLED,
    **given: Any,
) -> Iterator[str]:
    """The lines of a screen with their styles. Agents 2 and 4 are over their limits."""
    choices = choices or Choices()

    def clock(seconds: float) -> str:
        return f"{datetime.fromtimestamp(seconds, UTC):%H:%M:%S}"

    limits = {"2": 3_600.0, "4": 90.0}
    floor = arranged(floor_of_a_day() if seats is None else seats, choices, limits)
    scene = {"tenant": f"Acme {HOSTILE}", "age": 2.4, "clock": clock, "limits": limits, "codes": {"8": ("RC1", "RC2")}}
    made = page(Scene(polled=polled, **{**scene, **given}), floor, choices, cells=cells, height=height)
    yield f"{made.rows} agents\n"
    yield from (f"{style:13} |{line}\n" for line, style in made.lines)
    assert {style for _, style in made.lines} <= {"", "out", *STYLES}
    assert {str(span.style) for span in made.text().spans} <= {
        *("", "green", "bright_blue", "cyan", "yellow", "magenta", "bold reverse", "dim", "bold", "bold red")
    }


def screens() -> Iterator[tuple[str, Iterator[str]]]:
    """Yield each screen with its name."""
    troubles = situation(called("ab", unknown="d"), roster_of(called("abd"), total=12)).findings()
    first = replace(POLLED, as_of=None, received_at=None, ok=False, counts={}, missed=f"503 {HOSTILE}")
    yield "usual", drawn()
    yield "narrow", drawn(cells=60)
    yield "wide and high", drawn(cells=150, height=40, left_out=5, alerts=("a", HOSTILE, "c", "d", "e"))
    yield "low, with findings", drawn(height=20, findings=troubles * 2)
    yield "high, with findings", drawn(height=30, findings=troubles * 3)
    yield "very low", drawn(height=6)
    yield "no room", drawn(height=2, cells=20)
    yield "one agent", drawn(floor_of_a_day()[:1], polled=replace(POLLED, counts={"roster": 1, "present": 1}))
    yield "only in usual groups", drawn(floor_of_a_day()[:4])
    yield "stale", drawn(floor_of_a_day(STALE), age=99.9)
    yield "unknown", drawn(floor_of_a_day(MOST_MISSED), age=100.0)
    missed = replace(POLLED, ok=False, missed="no whole answer within 10 s, and so on, and so on, and so on, " * 3)
    yield "a missed poll", drawn(polled=missed, age=4_000.0)
    yield "before the first poll", drawn((), polled=None, age=None)
    yield "no data yet", drawn((), polled=first, age=None)
    yield "letters", drawn(is_unicode=False)
    many = tuple(seat(f"{one:02}", "Busy", name=f"Agent {one:02}", team=f"Team {one % 12}") for one in range(50))
    yield "many agents", drawn(many, choices=Choices(top=7, sort="name"))
    yield "many agents, at the end", drawn(many, choices=Choices(top=49, sort="team"))
    filtered = Choices(groups=("on-contact",), states=("lunch",), team="Support", text="Ed", sort="state")
    yield "filtered", drawn(choices=filtered)
    yield "by team", drawn(choices=Choices(team="(no team)", sort="team"))
    yield "typing", drawn(choices=Choices(text="\x1b[2JEd", typing=True, sort="name"))


def test_screens_are_as_written() -> None:
    """Each screen is as `whole.txt` has it, line by line."""
    assert_as_written(WRITTEN, "".join(f"=== {name}: {''.join(lines)}" for name, lines in screens()))
