"""Which states fit a scheduled activity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cxone_rollcall.history.interval import Status
from cxone_rollcall.model.agent import fold_name
from cxone_rollcall.model.groups import Group
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import both_names
from cxone_rollcall.model.struct import Value, field

WORKING: frozenset[Group] = frozenset({"available", "on-contact", "after-contact"})
"""The groups of states in which an agent works."""
_NOT_LOGGED_IN = (Standing.LOGGED_OUT, Standing.ABSENT)


class Fit(Value, frozen=True, kw_only=True):
    """What an agent may do during an activity. One of these is enough.

    `groups` are groups of states. `states` are names of states, folded: a state, or both names (`break - lunch`).
    `sub_states` are names of sub-states, folded; a state without a sub-state counts as its own. With `logged_out` the
    agent may be logged out. Time that is `off` is not scheduled.
    """

    groups: frozenset[Group] = frozenset()
    states: frozenset[str] = frozenset()
    sub_states: frozenset[str] = frozenset()
    logged_out: bool = False
    off: bool = False

    def takes(self, status: Status) -> bool:
        """Whether an agent with this known status does what is scheduled."""
        if status.standing is not Standing.PRESENT:
            return self.logged_out and status.standing in _NOT_LOGGED_IN
        if status.group in self.groups:
            return True
        state, sub_state = status.state or "", status.sub_state or ""
        both = both_names(state, sub_state) or state
        named = not self.states.isdisjoint(map(fold_name, (state, both)))
        return named or fold_name(_own_name(state, sub_state)) in self.sub_states


def _own_name(state: str, sub_state: str) -> str:
    """The sub-state's name without the state, which some servers put before it. Without a sub-state the state's."""
    rest = sub_state.removeprefix(state)
    separated = rest != sub_state and rest[:1] in tuple(" -:/")
    return rest.lstrip(" -:/") if separated and rest.strip(" -:/") else sub_state or state


class Works:
    """Which activities are work.

    A state fits them in which an agent works. `statuses` are those that were seen. They tell it of a fit that has names
    of states, but no group.
    """

    def __init__(self, statuses: Iterable[Status]) -> None:
        self._working = [status for status in statuses if status.group in WORKING]
        self._known: dict[Fit, bool] = {}

    def is_work(self, fit: Fit) -> bool:
        """Whether the agent is to work."""
        known = self._known.get(fit)
        if known is None:
            known = not fit.groups.isdisjoint(WORKING) or any(map(fit.takes, self._working))
            self._known[fit] = known
        return known


USUAL: Mapping[str, Fit] = {
    "open": Fit(groups=WORKING),
    **{name: Fit(sub_states=frozenset({name})) for name in ("lunch", "break", "training", "meeting")},
}
"""The activities that need no file, folded. Open is work; the others are the sub-state of their name."""


class Activities(Value, frozen=True):
    """The fit of each activity, by its folded name. `own` are those of a file, which come before the usual ones."""

    own: Mapping[str, Fit] = field(default_factory=dict)

    def of(self, activity: str) -> Fit | None:
        """The fit of an activity, None if it is not mapped."""
        name = fold_name(activity)
        return self.own.get(name) or USUAL.get(name)
