"""Every world leads to the run that the files in `runs` have.

A run is its requests, its standings, and what it noted. Findings cite what a run noted, so a wrong exchange or number
misleads. After a change that is meant, delete a file and run this test, which writes it anew. Read the difference
before you commit it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from random import Random
from urllib.parse import parse_qs

import pytest
from tests.roll.calling import CREDENTIALS
from tests.roll.lists import BASE, ListTenant
from tests.roll.lists import CREDENTIALS as LISTED
from tests.roll.servers import Tenant
from tests.roll.struck import struck_lists, struck_pages, struck_states
from tests.roll.test_worlds import SmallBatches
from tests.roll.worlds import World, by_id, by_list
from tests.support.written import assert_as_written

from cxone_rollcall.client import Client
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.observations.access import AnswersDated, RolesTried, Throttling, TokenGranted
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import Value
from cxone_rollcall.roll import Ledger, call_roll, reconcile

WRITTEN = Path(__file__).with_name("runs")
WORLDS: dict[str, Callable[[], Iterator[World]]] = {
    "v2": by_id,
    "incontact": by_list,
    "struck-states": struck_states,
    "struck-pages": struck_pages,
    "struck-lists": struck_lists,
}
"""The worlds of each file."""
NOT_SHOWN = (Throttling, AnswersDated, TokenGranted, RolesTried)
"""Observations with times of the run, and those of its token."""
SAID_OF_STATES = (
    "too_many",
    "cut",
    "separator",
    "lost",
    "disagreement",
    "mixed_up",
    "ignored_exchange",
    "unasked_rows",
)
SAID_OF_ROSTER = ("readings", "from_zero", "repeated", "gone", "failed_pages", "capped", "totals", "paging_ignored")
LISTED_AT_MOST = 2
"""Values of a collection that are listed. Of a longer one there is the number, with the first and the last."""


class Asked:
    """A transport that notes each request. An asterisk marks one that goes past caches."""

    def __init__(self, world: Tenant | ListTenant) -> None:
        self.world = world
        self.asked: list[tuple[str, str]] = []

    async def send(self, request: Request) -> Response:
        """Note the request."""
        path, _, query = request.target.partition("?")
        values = {name.lower(): one[-1] for name, one in parse_qs(query).items()}
        if "agentids" in values:
            values["agentids"] = str(1 + values["agentids"].count(","))
        what = "/".join(values.values()) + "*" * request.apart
        self.asked.append((path.rpartition("v34.0/")[2].rpartition("api/v2/")[2], what))
        return await self.world.send(request)

    def __str__(self) -> str:
        in_turn = groupby(self.asked, key=itemgetter(0))
        return "; ".join(" ".join((path, *_counted(what for _, what in same))) for path, same in in_turn)


def _counted(values: Iterable[str]) -> Iterator[str]:
    for value, same in groupby(values):
        number = len(list(same))
        yield value if number == 1 else f"{number} x {value}"


async def described(world: World) -> str:
    """Call the roll and describe the run."""
    ledger, asked, steps = Ledger(), Asked(world.tenant), list[None]()
    if isinstance(world.tenant, ListTenant):
        client = Client(Incontact(BASE), asked, LISTED, base_url=BASE, rng=lambda: 0.0)
    else:
        client = Client(SmallBatches() if world.struck else V2(), asked, CREDENTIALS, rng=lambda: 0.0)
    await call_roll(client, ledger, world.selection, rng=Random(1), progress=lambda: steps.append(None))
    roll = reconcile(ledger)
    counts = ", ".join(f"{count} {standing.value}" for standing, count in roll.count().items() if count)
    told = f"{counts or 'nobody'}, {'whole' if roll.roster_complete else 'not whole'}"
    if world.struck:
        return f"{world.name}: {told}; {len(asked.asked)} requests; {', '.join(_troubles(ledger))}"
    lines = [f"{client.contract.name}, {world.name}: {told}, {len(steps)} steps", str(asked)]
    seen = [one for one in ledger.observe(client) if not isinstance(one, NOT_SHOWN)]
    return "\n  ".join([*lines, *(shown(one) for one in seen if any(fields(one)))]) + "\n"


def _troubles(ledger: Ledger) -> Iterator[str]:
    """What a run noted of the answers, in short."""
    states = ledger.states
    for name in (
        "too_many",
        "cut",
        "separator",
        "lost",
        "disagreement",
        "mixed_up",
        "ignored_exchange",
        "unasked_rows",
    ):
        if getattr(states, name):
            yield f"{name} {shown(getattr(states, name))}"
    for name, noted in (("late", ledger.late), ("contradicted", ledger.contradicted)):
        yield from [f"{len(noted)} {name}"] if noted else []
    if ledger.roster is not None:
        yield f"{ledger.roster.agents} of {ledger.roster.total} agents"
        yield from (one for one in fields(ledger.roster) if one.startswith(SAID_OF_ROSTER))
    yield from [f"{len(ledger.asked_alone)} asked alone"] if ledger.asked_alone else []
    yield from [f"{one.agent_id} spoils {one.healed} {one.repeated}" for one in ledger.poisoned]
    yield from [f"{one.kind} for {len(one.agents)}" for one in ledger.failures]
    yield from [f"unconfirmed {shown(ledger.unconfirmed)}"] if ledger.unconfirmed else []


def shown(value: object) -> str:
    """Show a value on one line."""
    if isinstance(value, AgentState):
        return f"{value.agent_id} {value.state}"
    if isinstance(value, Mapping):
        if len(value) > LISTED_AT_MOST and all(isinstance(one, int) for one in value.values()):
            return " + ".join(f"{count} in {exchange}" for exchange, count in sorted(Counter(value.values()).items()))
        return _listed([f"{shown(key)}: {shown(one)}" for key, one in sorted(value.items(), key=str)])
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return f"{type(value).__name__}({', '.join(map(shown, value))})"
    if isinstance(value, Value):
        return f"{type(value).__name__}({', '.join(fields(value))})"
    if isinstance(value, Collection) and not isinstance(value, str):
        listed = list(map(shown, value))
        return _listed(sorted(listed) if isinstance(value, frozenset) else listed)
    return str(value)


def _listed(values: list[str]) -> str:
    return f"[{', '.join(values)}]" if len(values) <= LISTED_AT_MOST else f"{len(values)}: {values[0]} .. {values[-1]}"


def fields(value: Value) -> Iterator[str]:
    """Yield each field that differs from its default."""
    names, defaults = value.__struct_fields__, value.__struct_defaults__
    usual = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
    for name in names:
        one = getattr(value, name)
        if one not in ({}, ()) and (name not in usual or one != usual[name]):
            yield f"{name}={shown(one)}"


@pytest.mark.parametrize("name", WORLDS)
async def test_runs_are_as_written(name: str) -> None:
    """Each world leads to the run that its file has."""
    runs = [await described(world) for world in WORLDS[name]()]
    assert_as_written(WRITTEN / f"{name}.txt", "\n".join(runs) + "\n")
