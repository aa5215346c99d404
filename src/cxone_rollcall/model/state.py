"""An agent's state as the API says it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from cxone_rollcall.model.closest_match import closest_match

if TYPE_CHECKING:
    from collections.abc import Iterable

LOGGED_IN_STATES = ("Available", "Busy", "Break", "Not Ready")
"""The states that the v2 contract names. Each of them is a logged-in state; others are kept as said."""

_LOGGED_OUT = frozenset({"loggedout", "loggedoff", "logout", "signedout", "signedoff", "notloggedin", "offline"})


class AgentState(msgspec.Struct, frozen=True, gc=False):
    """One row of a states answer: `state` and `sub_state` as said, None where not given."""

    agent_id: str
    state: str | None = None
    sub_state: str | None = None
    since: str | None = None

    @property
    def logged_in(self) -> bool:
        """True unless the row itself says that the agent is logged out."""
        return not is_logged_out(self.state)


@lru_cache(maxsize=1024)
def is_logged_out(state: str | None) -> bool:
    """Tell whether a state's name says "logged out", in any spelling or word for it (`LoggedOut`, `signed off`)."""
    return state is not None and "".join(filter(str.isalnum, state)).casefold() in _LOGGED_OUT


def meant_state(said: str, known: Iterable[str | None]) -> str | None:
    """Return the known state that a misspelt one comes close to; None where it is one, or comes close to none."""
    names = {name.casefold(): name for name in known if name}
    wanted = said.strip().casefold()
    if wanted in names:
        return names[wanted] if names[wanted] != said else None
    near = closest_match(wanted, names, cutoff=0.75)
    return names[near] if near else None
