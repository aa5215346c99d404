"""`/api/v1/agents/ID/timeline` and `/api/v1/timeline`: what the history says, as JSON."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from cxone_rollcall.errors import HistoryError
from cxone_rollcall.history.reading import History
from cxone_rollcall.model.timestamp import format_timestamp, parse_timestamp
from cxone_rollcall.views.json import encode
from cxone_rollcall.web import timeline
from cxone_rollcall.web.archive import Busy
from cxone_rollcall.web.tenant import Tenant

NO_HISTORY = "this server has no history: start it with --history"
LATE = 3
"""Intervals without a poll after which a recording has stopped."""
_LARGE = 1024
"""Bytes from which a thread compresses an answer. The events go on meanwhile."""
_PLUS = re.compile(r" (?=\d\d:?\d\d$)")
"""The + of an offset that came as a blank. It was not escaped in the address."""


async def of_agent(tenant: Tenant, request: web.Request) -> web.Response:
    """The timeline of one agent."""
    agent_id = request.match_info["id"]
    return await _answer(tenant, request, lambda history, asked: timeline.of_agent(history, agent_id, asked))


async def of_many(tenant: Tenant, request: web.Request) -> web.Response:
    """The timelines of a team, or of everybody without `team`."""
    team, skip = request.query.get("team"), request.query.get("skip", "0")
    if not (skip.isascii() and skip.isdigit() and len(skip) < 10):
        return _refused(400, "skip is the number of agents to leave out, like 60")
    return await _answer(
        tenant, request, lambda history, asked: timeline.of_many(history, asked, team=team, skip=int(skip))
    )


async def _answer(
    tenant: Tenant, request: web.Request, ask: Callable[[History, timeline.Asked], dict[str, Any] | None]
) -> web.Response:
    if tenant.lost_history:
        return _refused(503, tenant.lost_history)
    if tenant.archive is None:
        return _refused(404, NO_HISTORY)
    if not tenant.archive.is_ours:
        return _refused(503, "no poll is stored yet: wait for the first one")
    now = tenant.server_time or time.time()
    try:
        begin, end = _time(request.query, "from"), _time(request.query, "to")
        if begin is not None and end is not None and begin >= end:
            raise timeline.BadWindow("to must be later than from")
        late = LATE * (tenant.last.interval if tenant.last else tenant.interval) + tenant.archive.lag
        asked = timeline.Asked(begin, end, now, late)
        body = await tenant.archive.read(lambda history: _encoded(tenant, ask(history, asked)))
    except timeline.BadWindow as error:
        return _refused(400, str(error))
    except HistoryError as error:
        return _refused(503, str(error))
    except Busy:
        return _refused(503, "too many readers wait for the history: try again")
    if body is None:
        return _refused(404, "the history has no agent with this id")
    answer = web.Response(body=body, content_type="application/json", zlib_executor_size=_LARGE)
    answer.enable_compression()
    return answer


def _encoded(tenant: Tenant, document: dict[str, Any] | None) -> bytes | None:
    return None if document is None else encode(tenant.timeline(document))


def _time(query: Mapping[str, str], name: str) -> float | None:
    """A time of the query in seconds since the epoch. None if it is not there. Raises `BadWindow`."""
    text = query.get(name)
    if text is None:
        return None
    seconds = parse_timestamp(_PLUS.sub("+", text))
    if seconds is None or not 0 <= seconds < timeline.LATEST:
        example = format_timestamp(time.time(), "seconds")
        raise timeline.BadWindow(f"{name} must be a time such as {example}")
    return seconds


def _refused(status: int, why: str) -> web.Response:
    return web.json_response({"error": why}, status=status)
