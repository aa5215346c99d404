"""Is the token itself taken? The server's time needs no permission: asked where the published contract says 401."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollcall.errors import RequestFailed
from rollcall.model.failure import FailureKind, Where
from rollcall.model.moment import read_moment
from rollcall.model.observation import Failures, Observation
from rollcall.model.probed import ServerTimeAsked
from rollcall.probes.base import Probe
from rollcall.probes.details import asks_details, values

if TYPE_CHECKING:
    from rollcall.client import Client
    from rollcall.model.roll import Roll
    from rollcall.probes.base import Seen


def _pointless(seen: Seen, _roll: Roll) -> str:
    failures = seen.get(Failures)
    refused = isinstance(failures, Failures) and any(
        failure.kind is FailureKind.UNAUTHORIZED and failure.where is not Where.TOKEN for failure in failures.items
    )
    if not refused:
        return "no request was answered with 401"
    return asks_details(seen)


async def _ask(client: Client, _seen: Seen, _roll: Roll) -> Observation:
    try:
        answered = await client.detail("server-time")
    except RequestFailed as failed:
        # Anything but a 401 says nothing of the token: then there is no answer to this question.
        if failed.failure.kind is not FailureKind.UNAUTHORIZED or failed.failure.where is Where.TOKEN:
            raise
        return ServerTimeAsked(exchange=failed.failure.exchange, status=failed.failure.status, accepted=False)
    ours = client.server_now() - (client.server_ahead or 0.0)
    told = [when for _, value in values(answered.value, "servertime") if (when := read_moment(value)) is not None]
    return ServerTimeAsked(
        exchange=answered.exchange, status=200, accepted=True, ahead=told[0] - ours if told else None
    )


SERVER_TIME = Probe(gives=ServerTimeAsked, pointless=_pointless, ask=_ask)
