"""Decodes `agents/state-history`: each state of each agent in a range of time.

GET agents/state-history    startDate, endDate, top, skip

`agentStateHistory[]` has `stateIndex`, `agentSessionId`, `startDate`, `duration` and members that rows of states have,
too. `duration` is ISO text (v34) or whole seconds (v23), ids are numbers or texts. Whether rows have `isACW`, and which
duration a state has that still lasts, is not public. Source: NICE's OpenAPI files, v34 and v23, and NICE's SDK.
"""

from __future__ import annotations

import re

from cxone_rollcall.contracts.decoding import agent_id, short, whole_number
from cxone_rollcall.contracts.envelope import empty_page, find_rows, page_of
from cxone_rollcall.contracts.incontact.rows import WRAPPER, links_of, state_of_any_shape
from cxone_rollcall.contracts.protocol import PastStates
from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.state_history import PastState
from cxone_rollcall.model.timestamp import parse_timestamp

HISTORY_AT = "/agentStateHistory"
"""JSON pointer of the rows."""
LONGEST_STATE = 400 * 86_400
"""Seconds. A longer duration is damage: no state lasts a year."""
_ISO = re.compile(
    r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9}(?:[.,]\d{1,9})?)S)?)?", re.ASCII | re.IGNORECASE
)
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)
_UNITS = (86_400, 3600, 60, 1)


def read_state_history(response: Response) -> PastStates:
    """Read `{"agentStateHistory": [{"agentId", "agentStateId", "startDate", "duration", ...}], "_links"}`.

    A damaged row is left out, and the page complains. Status 204, an empty body and `[]` all mean no rows.
    """
    if not response.body.strip():
        return empty_page(response.status)
    found = find_rows(response.body, HISTORY_AT, WRAPPER)
    return page_of(
        response.status,
        [_past_state(row) for row in found.rows],
        total=whole_number(found.beside.get("totalrecords")),
        links=links_of(found.beside.get("_links"), short(found.beside.get("lastpolltime"))),
        found_at=found.found_at,
        error=found.error,
    )


def _past_state(row: object) -> PastState | str | None:
    """A row, or why it has none; None without an agent."""
    if not isinstance(row, dict):
        return None
    fields = {name.lower(): value for name, value in row.items()}
    if whole_number(fields.get("outstatedescription")) is not None:
        # A number is the code's id, which counts only in some states.
        fields["outstateid"] = fields.pop("outstatedescription")
    state = state_of_any_shape(fields)
    if not isinstance(state, AgentState):
        return state
    began = parse_timestamp(state.since)
    if began is None:
        return "no startDate that can be read"
    session = agent_id(fields.get("agentsessionid"))
    return PastState(
        state,
        round(began * 1000),
        read_duration(fields.get("duration")),
        session if session != "0" else None,
        whole_number(fields.get("stateindex")),
    )


def read_duration(value: object) -> int | None:
    """A duration in milliseconds: ISO text, or a number of seconds. None for 0 and anything else."""
    seconds: float | None = None
    if isinstance(value, str):
        text = value.strip()
        if _SECONDS.fullmatch(text):
            seconds = float(text)
        elif (found := _ISO.fullmatch(text)) and any(found.groups()):
            parts = (float(part.replace(",", ".")) if part else 0.0 for part in found.groups())
            seconds = sum(part * unit for part, unit in zip(parts, _UNITS, strict=True))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value
    return round(seconds * 1000) or None if seconds is not None and 0 < seconds <= LONGEST_STATE else None
