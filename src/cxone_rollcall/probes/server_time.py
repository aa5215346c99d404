"""Is the token itself taken? The server's time needs no permission: asked where the published contract says 401."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import AnswersDated
from cxone_rollcall.model.observations.base import Failures, Observation
from cxone_rollcall.model.observations.probes import ServerTimeAsked
from cxone_rollcall.model.timestamp import parse_timestamp
from cxone_rollcall.probes.json_search import asks_details, values
from cxone_rollcall.probes.probe import Probe

if TYPE_CHECKING:
    from cxone_rollcall.model.roll import Roll
    from cxone_rollcall.probes.probe import Questions, Seen


def _pointless(seen: Seen, _roll: Roll) -> str:
    failures = seen.get(Failures)
    refused = isinstance(failures, Failures) and any(
        failure.kind is FailureKind.UNAUTHORIZED and failure.stage is not Stage.TOKEN for failure in failures.items
    )
    if not refused:
        return "no request was answered with 401"
    return asks_details(seen)


def _says_nothing(seen: Seen, roll: Roll) -> str:
    """Where the answers have no date, the server's time tells whether the clocks agree."""
    dated = seen.get(AnswersDated)
    undated = isinstance(dated, AnswersDated) and dated.ahead is None
    return asks_details(seen) if undated else _pointless(seen, roll)


async def _ask(questions: Questions, _seen: Seen, _roll: Roll) -> Observation:
    try:
        answered = await questions.detail("server-time")
    except RequestFailed as failed:
        # Anything but a 401 says nothing of the token: then there is no answer to this question.
        if failed.failure.kind is not FailureKind.UNAUTHORIZED or failed.failure.stage is Stage.TOKEN:
            raise
        return ServerTimeAsked(exchange=failed.failure.exchange, status=failed.failure.status, accepted=False)
    ours = questions.server_now() - (questions.server_ahead or 0.0)
    told = [when for _, value in values(answered.value, "servertime") if (when := parse_timestamp(value)) is not None]
    return ServerTimeAsked(
        exchange=answered.exchange, status=200, accepted=True, ahead=told[0] - ours if told else None
    )


SERVER_TIME = Probe(gives=ServerTimeAsked, cost=1, pointless=_pointless, says_nothing=_says_nothing, ask=_ask)
