"""Groups of states: what the states of both APIs have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from cxone_rollcall.model.groups import Group
from cxone_rollcall.model.state import AgentState, both_names

_BY_STATE: Mapping[str, Group] = {
    "available": "available",
    "busy": "on-contact",
    "inboundcontact": "on-contact",
    "outboundcontact": "on-contact",
    "inboundconsult": "on-contact",
    "outboundconsult": "on-contact",
    "dialer": "on-contact",
    "acw": "after-contact",
    "aftercallwork": "after-contact",
    "wrapup": "after-contact",
    "break": "unavailable",
    "notready": "unavailable",
    "unavailable": "unavailable",
    "loggedin": "unavailable",
}
"""States of `v2` and `incontact`, letters and digits only.

Source of the latter: NICE OpenAPI v34, *Agent States*."""
_AFTER_CONTACT = re.compile("acw|after(?:call|contact)|wrapup")
"""Sub-states that mean work after a contact, letters and digits only. A row with `isACW` has one of them."""
_PENDING_CODE = re.compile(r"-\d+")
"""Codes below 0 are pending states. Source: NICE's reports of agent states."""


class Groups:
    """Finds the group of a state. `overrides` maps states or sub-states, in any letter case, to groups."""

    def __init__(self, overrides: Mapping[str, Group] | None = None) -> None:
        self._overrides = {_letters(name): group for name, group in (overrides or {}).items()}
        # A look asks for the group of each agent, and they are in a few dozen states.
        self._group_of = lru_cache(maxsize=1024)(self._find)

    def of(self, state: AgentState) -> Group:
        """The group of a present agent's state. "other" for an unknown name."""
        return self._group_of(state.state, state.sub_state)

    def _find(self, state: str | None, sub_state: str | None) -> Group:
        for name in filter(None, (both_names(state, sub_state), sub_state, state)):
            if (letters := _letters(name)) in self._overrides:
                return self._overrides[letters]
        if state is None:
            return "other"
        if "pending" in state.casefold() or _PENDING_CODE.fullmatch(state.strip()):
            return "pending"
        named = _letters(state)
        group = _BY_STATE.get(named, "other")
        if group == "unavailable" and sub_state and _AFTER_CONTACT.match(_letters(sub_state).removeprefix(named)):
            return "after-contact"
        return group


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()
