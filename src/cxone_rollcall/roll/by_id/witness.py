"""Asking with a witness: an agent known to be present rides along, so that the answer is vouched for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.model.failure import Failure
from cxone_rollcall.model.struct import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.roll.by_id.batches import Answer, Asking, Batch


async def ask_with(asking: Asking, canary: str, agent_ids: tuple[str, ...]) -> Answer | Failure:
    """Ask with the canary in front and keep what the answer says; a failure is returned, not kept.

    An answer that is not vouched for marks nobody: rows are kept, and the rest is left to the caller.
    """
    answer = await asking.request((canary, *agent_ids))
    if isinstance(answer, Failure):
        return answer
    asking.keep_rows(answer)
    if answer.vouched:
        asking.batches.append(answer.batch)
        asking.mark_absent(answer)
    elif answer.rows:
        leave_unvouched(asking, replace(answer.batch, agent_ids=answer.without_row))
    return answer


def leave_unvouched(asking: Asking, batch: Batch) -> None:
    """Note that nothing vouches for the answer to this batch: who has no row in it is unknown."""
    for agent_id in batch.agent_ids:
        asking.ledger.absent.pop(agent_id, None)
        asking.ledger.unvouched[agent_id] = batch.exchange


def pieces(agent_ids: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    """Cut ids into pieces of so many at most, of one at least."""
    size = max(1, size)
    for start in range(0, len(agent_ids), size):
        yield agent_ids[start : start + size]
