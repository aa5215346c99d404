"""An agent's state as the API gives it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from cxone_rollcall.model.closest_match import closest_match

LOGGED_IN_STATES = ("Available", "Busy", "Break", "Not Ready")
"""The states that the v2 API documents, all logged in; other states are kept unchanged."""

_LOGGED_OUT = frozenset({"loggedout", "loggedoff", "logout", "signedout", "signedoff", "notloggedin", "offline"})


class AgentState(msgspec.Struct, frozen=True, gc=False):
    """One row of a states response: `state` and `sub_state` unchanged, None if not given."""

    agent_id: str
    state: str | None = None
    sub_state: str | None = None
    since: str | None = None

    @property
    def logged_in(self) -> bool:
        """False if the row says that the agent is logged out, else True."""
        return not is_logged_out(self.state)


@lru_cache(maxsize=1024)
def is_logged_out(state: str | None) -> bool:
    """Whether a state means logged out, in any spelling (`LoggedOut`, `signed off`)."""
    return state is not None and "".join(filter(str.isalnum, state)).casefold() in _LOGGED_OUT


def meant_state(text: str, known: Iterable[str | None]) -> str | None:
    """The known state that `text` probably misspells, or None."""
    names = {name.casefold(): name for name in known if name}
    wanted = text.strip().casefold()
    if wanted in names:
        return names[wanted] if names[wanted] != text else None
    near = closest_match(wanted, names, cutoff=0.75)
    return names[near] if near else None
