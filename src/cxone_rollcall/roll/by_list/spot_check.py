"""Asking for some of the agents without a row by themselves: is it true of them what the list says by its silence?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.states import Alone, AskedAlone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cxone_rollcall.client import Client
    from cxone_rollcall.roll.ledger import Ledger

CONTROLS = 2
"""How many are asked for by themselves where it is no wonder that they have no row."""
MOST_WONDERED_AT = 20
MOST_ALONE = 200
"""How many are asked for by themselves where the list was found to lose rows."""
AT_A_TIME = 10

_SAID = {FailureKind.FORBIDDEN: Alone.FORBIDDEN, FailureKind.NOT_FOUND: Alone.NOT_FOUND}


async def ask_alone(client: Client, ledger: Ledger, missing: Sequence[str], *, odd: bool) -> None:
    """Ask for some of the missing, spread over the list; who was not cleared by that is unknown where it is doubtful.

    `odd` tells that the list has rows of who is logged out, so that everybody should have one: then nobody is absent
    who was not asked. Where one is logged in after all, the list loses rows, and many are asked. Where one is refused
    or has no usable answer, the silence of the list says nothing of anybody.
    """
    candidates = [one for one in missing if one.isdecimal() and ledger.agents[one].active is not False]
    few = _spread(candidates, MOST_WONDERED_AT if odd else CONTROLS)
    said = await _ask(client, ledger, few)
    lost = any(agent_id in ledger.rows and ledger.rows[agent_id].logged_in for agent_id in said)
    if lost:
        said |= await _ask(client, ledger, [one for one in candidates if one not in said][:MOST_ALONE])
    silent = all(one in (Alone.NO_ROW, Alone.ROW) for one in said.values())
    doubtful = missing if lost else candidates if odd or not silent else ()
    ledger.doubt(one for one in doubtful if said.get(one) is not Alone.NO_ROW or not silent)


def _spread(agent_ids: Sequence[str], most: int) -> list[str]:
    """Return so many of them, from the first to the last, so that no stretch of a list decides for all."""
    if len(agent_ids) <= most:
        return list(agent_ids)
    return [agent_ids[place * (len(agent_ids) - 1) // (most - 1)] for place in range(most)]


async def _ask(client: Client, ledger: Ledger, agent_ids: Sequence[str]) -> dict[str, Alone]:
    """Ask for agents, a few side by side; no more are asked when none of a few had a usable answer."""
    said: dict[str, Alone] = {}
    for start in range(0, len(agent_ids), AT_A_TIME):
        few = agent_ids[start : start + AT_A_TIME]
        answers = await asyncio.gather(*(_ask_one(client, ledger, agent_id) for agent_id in few))
        said |= dict(zip(few, answers, strict=True))
        if Alone.FAILED in answers:
            break
    return said


async def _ask_one(client: Client, ledger: Ledger, agent_id: str) -> Alone:
    """Ask for one agent, and keep its row if it has one, or several that agree."""
    try:
        answered = await client.listing.state_of(agent_id)
    except RequestFailed as failed:
        said, exchange = _SAID.get(failed.failure.kind, Alone.FAILED), failed.failure.exchange
    else:
        page, exchange = answered.value, answered.exchange
        rows = [row for row in page.rows if row.agent_id == agent_id]
        agreed = len({row.logged_in for row in rows}) == 1
        if agreed:
            ledger.absent.pop(agent_id, None)
            ledger.unvouched.pop(agent_id, None)
            ledger.keep(rows[0], exchange=exchange)
            said = Alone.ROW
        else:
            clean = not (rows or page.rows or page.complaint or page.unnamed)
            said = Alone.NO_ROW if clean else Alone.FAILED
    ledger.asked_alone.append(AskedAlone(agent_id=agent_id, said=said, exchange=exchange))
    return said
