"""What a viewer has chosen to see, and what each key changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxone_rollcall.model.agent import fold_name
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import Value, replace

if TYPE_CHECKING:
    from cxone_rollcall.live.seat import Seat

GLYPHS = {
    "available": "▲",
    "on-contact": "●",
    "after-contact": "◐",
    "unavailable": "■",
    "pending": "◇",
    "other": "◆",
}
"""The groups, in their order on the screen. No meaning rests on a colour alone."""
UNKNOWN = "?"
SORTS = ("since", "name", "team", "state")
NO_TEAM = "(no team)"
LONGEST_TEXT = 40
"""Letters of a person's name that may be typed."""


class Choices(Value, frozen=True, kw_only=True):
    """Filters, order and place in the list.

    `states` are states or sub-states in any letter case. `text` is part of a name, `typing` whether keys still go into
    it. `top` is the first row that is shown.
    """

    groups: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    team: str | None = None
    text: str = ""
    typing: bool = False
    sort: str = "since"
    top: int = 0

    def shows(self, seat: Seat) -> bool:
        """Whether an agent passes the filters.

        An unknown agent may be in any state, so that filters of states and groups keep it.
        """
        if self.team is not None and (seat.agent.team or NO_TEAM) != self.team:
            return False
        if self.text and not any(fold_name(self.text) in fold_name(name) for name in seat.agent.known_as if name):
            return False
        if seat.shown is Standing.UNKNOWN:
            return True
        if self.groups and seat.group not in self.groups:
            return False
        return not self.states or bool(self._states & _names(seat))

    @property
    def _states(self) -> frozenset[str]:
        return frozenset(fold_name(state) for state in self.states)

    @property
    def said(self) -> str:
        """The filters in words, "" without any."""
        texts = (*self.groups, *self.states, *filter(None, (self.team,)), *((f"/{self.text}",) if self.text else ()))
        return ", ".join(texts)


def _names(seat: Seat) -> frozenset[str]:
    state = seat.state
    names = (state.state, state.sub_state, state.both_names) if state is not None else ()
    return frozenset(fold_name(name) for name in names if name)


def pressed(choices: Choices, key: str, *, teams: Sequence[str], rows: int, listed: int) -> Choices:
    """The choices after a key.

    `teams` are those of the board, `rows` the rows of the list on the screen, `listed` all rows that it has.
    """
    if choices.typing:
        return _typed(choices, key)
    steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pgup": -rows, "pgdn": rows, " ": rows, "home": -listed}
    match key:
        case "g":
            return replace(choices, groups=_next(choices.groups, tuple(GLYPHS)), top=0)
        case "t":
            team = _next((choices.team,) if choices.team is not None else (), teams)
            return replace(choices, team=team[0] if team else None, top=0)
        case "s":
            return replace(choices, sort=SORTS[(SORTS.index(choices.sort) + 1) % len(SORTS)], top=0)
        case "/":
            return replace(choices, text="", typing=True, top=0)
        case "c" | "esc":
            return Choices(sort=choices.sort)
        case "end":
            return replace(choices, top=max(0, listed - rows))
        case _ if key in steps:
            return replace(choices, top=max(0, min(choices.top + steps[key], listed - 1)))
    return choices


def _typed(choices: Choices, key: str) -> Choices:
    if key == "enter":
        return replace(choices, typing=False)
    if key == "esc":
        return replace(choices, typing=False, text="")
    if key == "backspace":
        return replace(choices, text=choices.text[:-1], top=0)
    if len(key) == 1 and key.isprintable() and len(choices.text) < LONGEST_TEXT:
        return replace(choices, text=choices.text + key, top=0)
    return choices


def _next(chosen: tuple[str, ...], known: Sequence[str]) -> tuple[str, ...]:
    """The filter after this one: none, each alone, none again."""
    if not chosen:
        return tuple(known[:1])
    place = known.index(chosen[0]) + 1 if len(chosen) == 1 and chosen[0] in known else len(known)
    return tuple(known[place : place + 1])
