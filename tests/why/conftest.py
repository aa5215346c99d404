"""Runs `rollcall why` against an emulated tenant, as a user would."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from quality.common.run_command import command

from cxone_rollcall.emulator import Emulator, Truth
from cxone_rollcall.emulator.settings import ContractName
from cxone_rollcall.testing import emulator_of

Why = Callable[..., Awaitable["Asked"]]
V2: tuple[ContractName, ...] = ("v2",)
PUBLISHED: tuple[ContractName, ...] = ("incontact",)


@dataclass(frozen=True)
class Asked:
    """A run: exit code, output, requests per endpoint, and the truth."""

    exit: int
    out: str
    err: str
    requests: dict[str, int]
    truth: dict[str, Truth]

    @property
    def document(self) -> Any:
        """The account on stdout, as JSON."""
        return json.loads(self.out)

    @property
    def agent(self) -> Any:
        """The one agent of the account."""
        (agent,) = self.document["agents"]
        return agent

    @property
    def spent(self) -> int:
        """How many requests went beyond the token and the roster."""
        return sum(count for endpoint, count in self.requests.items() if endpoint not in ("token", "agents"))


@pytest.fixture
def why(alone: None, capsys: pytest.CaptureFixture[str]) -> Why:
    """Return what runs `rollcall why` with these arguments.

    Everything else goes to the tenant. `whom` chooses the agents, given the tenant: for those that a fault chose.
    """

    async def asking(
        *arguments: str,
        faults: tuple[str, ...] = (),
        contracts: tuple[ContractName, ...] = V2,
        whom: Callable[[Emulator], tuple[str, ...]] = lambda _: (),
        **settings: Any,
    ) -> Asked:
        emulator = emulator_of(faults=faults, contracts=contracts, **settings)
        async with emulator.running() as address:
            code = await command(["why", *whom(emulator), *arguments], emulator.environment(address.url))
        requests: dict[str, int] = {}
        for (endpoint, _), count in emulator.requests.items():
            requests[endpoint] = requests.get(endpoint, 0) + count
        captured = capsys.readouterr()
        truth = {one.agent_id: one for one in emulator.truth()}
        return Asked(code, captured.out, captured.err, requests, truth)

    return asking


def struck_by(fault: str, count: int = 1) -> Callable[[Emulator], tuple[str, ...]]:
    """A function that returns the agents that a fault chose."""
    return lambda emulator: emulator.tenant.chosen(fault, count)


def of_the_hidden_team(emulator: Emulator) -> tuple[str, ...]:
    """Return an agent at work, of the team that `team-hidden` chose."""
    tenant = emulator.tenant
    (team,) = tenant.chosen_teams("team-hidden", 1)
    world, moment = tenant.world, tenant.moment()
    members = (i for i in range(world.agents) if world.person(i).team.team_id == team)
    return (world.agent_id(next(i for i in members if world.stance(i, moment).state is not None)),)
