"""Spot check: requests a few unlisted agents one by one. It shows whether the list of states is complete."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cxone_rollcall.client import IncontactApi
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.states import Alone, AskedAlone

if TYPE_CHECKING:
    from cxone_rollcall.roll.ledger import Ledger

CONTROLS = 2
"""Agents to spot-check if a missing row is normal. It is normal if the list omits logged-out agents."""
MOST_SUSPICIOUS = 20
"""Agents to spot-check if a missing row is suspicious.

Either every agent should have one, or single requests have rows of logged-out agents.
"""
MOST_ALONE = 200
"""Agents to request one by one after the list lost rows."""
AT_A_TIME = 10

_ANSWERS = {FailureKind.FORBIDDEN: Alone.FORBIDDEN, FailureKind.NOT_FOUND: Alone.NOT_FOUND}


async def spot_check(
    api: IncontactApi, ledger: Ledger, missing: Sequence[str], *, missing_row_is_suspicious: bool
) -> None:
    """Request some of the missing agents, spread over the list.

    Agents that stay in doubt become unconfirmed. `missing_row_is_suspicious` if the list has rows of logged-out agents,
    so that every agent should have one: then only agents that were checked can be absent. If one of them is logged in,
    the list loses rows: many are requested, and those without a row twice. If the second request has such a row, or if
    one is refused or has no usable response, no agent is absent.
    """
    candidates = [one for one in missing if one.isdecimal() and ledger.agents[one].active is not False]
    few = _spread(candidates, MOST_SUSPICIOUS if missing_row_is_suspicious else CONTROLS)
    answers = await _ask(api, ledger, few)
    if not _shows_a_login(ledger, answers) and Alone.ROW in answers.values() and len(candidates) <= MOST_SUSPICIOUS:
        # This server says "logged out" only of a single agent: for a few more requests it says so of all of them.
        answers |= await _ask(api, ledger, [one for one in candidates if one not in answers])
    lost, alone_too = _shows_a_login(ledger, answers), False
    if lost:
        answers |= await _ask(api, ledger, [one for one in candidates if one not in answers][:MOST_ALONE])
        # A server that loses rows may lose that of a single request, too.
        silent = [one for one, said in answers.items() if said is Alone.NO_ROW]
        first = tuple(ledger.asked_alone)
        again = await _ask(api, ledger, silent)
        second = ledger.asked_alone[len(first) :]
        ledger.asked_alone = [*(one for one in first if one.agent_id not in again), *second]
        alone_too = _shows_a_login(ledger, again)
        answers |= again
    await _repeat_a_refusal(api, ledger)
    usable = not alone_too and all(one in (Alone.NO_ROW, Alone.ROW) for one in answers.values())
    doubtful = missing if lost else candidates if missing_row_is_suspicious or not usable else ()
    ledger.mark_unconfirmed(one for one in doubtful if answers.get(one) is not Alone.NO_ROW or not usable)


def _shows_a_login(ledger: Ledger, agent_ids: Iterable[str]) -> bool:
    """Whether one of these agents is logged in."""
    return any(agent_id in ledger.rows and ledger.rows[agent_id].logged_in for agent_id in agent_ids)


def _spread(agent_ids: Sequence[str], most: int) -> list[str]:
    """Return at most `most` ids at even distances. So no stretch of a list decides for all."""
    if len(agent_ids) <= most:
        return list(agent_ids)
    return [agent_ids[place * (len(agent_ids) - 1) // (most - 1)] for place in range(most)]


async def _ask(api: IncontactApi, ledger: Ledger, agent_ids: Sequence[str]) -> dict[str, Alone]:
    """The responses to single requests, ten at a time.

    Stops after ten that include an unusable response.
    """
    answers: dict[str, Alone] = {}
    for start in range(0, len(agent_ids), AT_A_TIME):
        few = agent_ids[start : start + AT_A_TIME]
        of_few = await asyncio.gather(*(_ask_one(api, ledger, agent_id) for agent_id in few))
        ledger.asked_alone += of_few
        answers |= {one.agent_id: one.said for one in of_few}
        if any(one.said is Alone.FAILED for one in of_few):
            break
    return answers


async def _repeat_a_refusal(api: IncontactApi, ledger: Ledger) -> None:
    """Repeat a request that was answered, then a refused one twice.

    Two backends may answer alternately: each of them gets the refused request.
    """
    answered = next((one for one in ledger.asked_alone if one.said in (Alone.ROW, Alone.NO_ROW)), None)
    refused = next((one for one in ledger.asked_alone if one.said is Alone.FORBIDDEN), None)
    if answered is not None and refused is not None:
        for one in (answered, refused, refused):
            ledger.asked_alone_again.append(await _ask_one(api, ledger, one.agent_id))


async def _ask_one(api: IncontactApi, ledger: Ledger, agent_id: str) -> AskedAlone:
    """Request one agent, and store its row. Several rows must agree."""
    try:
        answered = await api.state_of(agent_id)
    except RequestFailed as failed:
        answer, exchange = _ANSWERS.get(failed.failure.kind, Alone.FAILED), failed.failure.exchange
    else:
        page, exchange = answered.value, answered.exchange
        rows = [row for row in page.rows if row.agent_id == agent_id]
        if len({row.logged_in for row in rows}) == 1:
            ledger.mark_present(rows[0], exchange=exchange)
            answer = Alone.ROW
        else:
            clean = not (rows or page.rows or page.complaint or page.unnamed)
            answer = Alone.NO_ROW if clean else Alone.FAILED
    return AskedAlone(agent_id=agent_id, said=answer, exchange=exchange)
