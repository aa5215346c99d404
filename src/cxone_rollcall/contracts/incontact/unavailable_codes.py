"""Unavailable codes: the reasons why an agent takes no contacts, by id.

A row of states may have only the id (`outStateId`, without `outStateDescription`); `GET unavailable-codes` has the
names. Its members are not public. Clients read `outStateId` with `outStateName`, or `unavailableCodeId` with
`unavailableCode`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from cxone_rollcall.contracts.decoding import interned, short
from cxone_rollcall.contracts.envelope import find_rows
from cxone_rollcall.contracts.incontact.rows import AFTER_CALL, WRAPPER
from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.state import AgentState

UNAVAILABLE_CODES = "unavailable-codes"
_IDS = ("outstateid", "unavailablecodeid")
_NAMES = ("outstatename", "unavailablecode")
_ID = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_AFTER_CALL = f"{AFTER_CALL}: "


def read_codes(response: Response) -> Mapping[str, str]:
    """The names of the codes by id. An id with two names has none. Raises `UnusableAnswer`."""
    if not response.body.strip():
        return {}
    names: dict[str, set[str]] = {}
    for row in find_rows(response.body, "/unavailableCodes", WRAPPER).rows:
        fields = {key.lower(): short(value) for key, value in row.items()} if isinstance(row, dict) else {}
        identity, name = _first(fields, _IDS), _first(fields, _NAMES)
        if identity and name:
            names.setdefault(identity, set()).add(name)
    return {identity: next(iter(of_one)) for identity, of_one in names.items() if len(of_one) == 1}


def is_code(sub_state: str | None) -> bool:
    """Whether a sub-state may be the id of an unavailable code."""
    return sub_state is not None and _ID.fullmatch(sub_state.removeprefix(_AFTER_CALL)) is not None


def with_name(row: AgentState, names: Mapping[str, str]) -> AgentState:
    """The row with the name of its code. The same row if the code has none, or is itself the name of a code."""
    if row.sub_state is None or not is_code(row.sub_state):
        return row
    code = row.sub_state.removeprefix(_AFTER_CALL)
    name = names.get(code)
    if name is None or code in names.values():
        return row
    return msgspec.structs.replace(row, sub_state=interned(row.sub_state.removesuffix(code) + name))


def _first(fields: Mapping[str, str | None], names: tuple[str, ...]) -> str | None:
    return next((value.strip() for name in names if (value := fields.get(name)) and value.strip()), None)
