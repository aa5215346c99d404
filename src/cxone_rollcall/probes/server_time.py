"""Does the server accept the token? Its time needs no permission: asked if `incontact` returned 401."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import AnswersDated
from cxone_rollcall.model.observations.base import Failures, Observation, Observations
from cxone_rollcall.model.observations.probes import ServerTimeAsked
from cxone_rollcall.model.roll import Roll
from cxone_rollcall.model.timestamp import parse_timestamp
from cxone_rollcall.probes.json_search import asks_details, values
from cxone_rollcall.probes.probe import Probe

if TYPE_CHECKING:
    from cxone_rollcall.probes.probe import BudgetedClient


def _not_needed(seen: Observations, _roll: Roll) -> str:
    failures = seen.get(Failures)
    refused = failures is not None and any(
        failure.kind is FailureKind.UNAUTHORIZED and failure.stage is not Stage.TOKEN for failure in failures.items
    )
    if not refused:
        return "no request returned 401"
    return asks_details(seen)


def _not_needed_deep(seen: Observations, roll: Roll) -> str:
    """If responses have no `Date`, the server's time shows whether the clocks agree."""
    dated = seen.get(AnswersDated)
    undated = dated is not None and dated.ahead is None
    return asks_details(seen) if undated else _not_needed(seen, roll)


async def _ask(api: BudgetedClient, _seen: Observations, _roll: Roll) -> Observation:
    try:
        answered = await api.detail("server-time")
    except RequestFailed as failed:
        # Only a 401 from the API itself is about the token.
        if failed.failure.kind is not FailureKind.UNAUTHORIZED or failed.failure.stage is Stage.TOKEN:
            raise
        return ServerTimeAsked(exchange=failed.failure.exchange, status=failed.failure.status, accepted=False)
    ours = api.client.server_clock.now() - (api.client.server_clock.ahead or 0.0)
    server_times = [
        when for _, value in values(answered.value, "servertime") if (when := parse_timestamp(value)) is not None
    ]
    return ServerTimeAsked(
        exchange=answered.exchange, status=200, accepted=True, ahead=server_times[0] - ours if server_times else None
    )


SERVER_TIME = Probe(gives=ServerTimeAsked, cost=1, not_needed=_not_needed, not_needed_deep=_not_needed_deep, ask=_ask)
