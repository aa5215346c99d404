"""The states of the agents as they arrive."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.scripted_client import CREDENTIALS

from cxone_rollcall import AccessRefused, AnswerUnusable, Selection, Standing, check, connect, stream_states
from cxone_rollcall.testing import emulated

CONTRACTS = pytest.mark.parametrize("contract", ["v2", "incontact"])


@CONTRACTS
async def test_the_last_entries_are_the_account(contract: str) -> None:
    """The last entry of each agent is the one in the account."""
    async with emulated(120, contract, clock="manual") as world:
        entries = {entry.agent.agent_id: entry async for entry in stream_states(world.client)}
        world.client.new_log()
        account = await check(world.client)
    assert entries == {entry.agent.agent_id: entry for entry in account.roll.entries}


@CONTRACTS
async def test_states_come_before_the_end(contract: str) -> None:
    """The first states are there before the last response."""
    async with emulated(2_000, contract, clock="manual") as world:
        entries = stream_states(world.client)
        first = await anext(entries)
        sent = len(world.client.log.exchanges)
        async for _ in entries:
            pass
        assert first.standing is not Standing.UNKNOWN
        assert sent < len(world.client.log.exchanges)


async def test_only_the_selection_comes() -> None:
    """Agents of other teams are not yielded."""
    async with emulated(120, clock="manual") as world:
        team = (await check(world.client)).roll.entries[0].agent.team
        assert team is not None
        world.client.new_log()
        teams = {entry.agent.team async for entry in stream_states(world.client, Selection(teams=(team,)))}
    assert teams == {team}


async def test_an_error_is_no_empty_list() -> None:
    """A refused token is raised: no entries are no empty contact centre."""
    async with emulated(5) as world, connect(world.address.url, CREDENTIALS, contract="v2") as stranger:
        with pytest.raises(AccessRefused):
            async for _ in stream_states(stranger):
                pytest.fail("nobody can be known")


async def test_a_roster_with_missing_agents() -> None:
    """Known agents are yielded before an error reports that others are missing."""
    async with emulated(300, faults=["roster-short"], clock="manual") as world:
        entries = []
        with pytest.raises(AnswerUnusable):
            async for entry in stream_states(world.client):
                entries.append(entry)  # noqa: PERF401  what came before the error counts
    assert len(entries) == 300


async def test_leaving_early_ends_the_run() -> None:
    """Closing the iterator cancels its requests."""
    async with emulated(2_000, clock="manual") as world:
        entries = stream_states(world.client)
        await anext(entries)
        await entries.aclose()
        assert len(asyncio.all_tasks()) < 50
        sent = len(world.client.log.exchanges)
        await world.client.token()
        assert len(world.client.log.exchanges) == sent
