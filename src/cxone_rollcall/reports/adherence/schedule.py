"""A schedule: who is to do what from when to when. Times are whole seconds since the epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.agent import fold_name
from cxone_rollcall.model.pasted_text import shown
from cxone_rollcall.model.struct import Value

MOST_EXAMPLES = 3
"""Lines that a note names. It counts the others."""


class Shift(NamedTuple):
    """One activity of one person. Its end is not part of it. `line` is where the file has it."""

    begin: int
    end: int
    activity: str
    line: int


class Plan(NamedTuple):
    """All shifts of one person, in order and without overlaps. `who` is its name as the file has it."""

    who: str
    shifts: Sequence[Shift]


class Schedule(Value, frozen=True):
    """The plans of a file, by the folded name of the person. `notes` are sentences about how it was read."""

    named: str
    plans: Mapping[str, Plan]
    notes: tuple[str, ...] = ()


class Remarks:
    """Collects what is worth a note, with the lines."""

    def __init__(self) -> None:
        self._found: dict[str, list[str]] = {}

    def add(self, about: str, where: str) -> None:
        """Remember a place. `about` is the sentence of the note, without its full stop."""
        self._found.setdefault(about, []).append(where)

    def notes(self, named: str) -> Iterator[str]:
        """One sentence for each kind of remark, with the first places."""
        for about, places in self._found.items():
            more = f" and {len(places) - MOST_EXAMPLES:,} more" if len(places) > MOST_EXAMPLES else ""
            yield f"{named}: {about} ({', '.join(places[:MOST_EXAMPLES])}{more})."


class Draft:
    """A schedule while it is read. `named` is the file's name in messages."""

    def __init__(self, named: str) -> None:
        self.named = named
        self.remarks = Remarks()
        self.zones = set[str]()
        """The zones in which times without an offset are read."""
        self._people: dict[str, tuple[str, list[Shift]]] = {}
        self._folded: dict[str, str] = {}

    def add(self, who: str, shift: Shift) -> None:
        """Take a shift. SettingError names its line if it has no person or activity, or ends before it begins."""
        if not who or not shift.activity:
            missing = "activity" if who else "person"
            raise SettingError(f"{self.named}, line {shift.line}: this shift has no {missing}")
        if shift.end <= shift.begin:
            raise SettingError(f"{self.named}, line {shift.line}: this shift does not end after it begins")
        self.person(who).append(shift)

    def person(self, who: str) -> list[Shift]:
        """The shifts of a person so far. A person without any is in the schedule, too."""
        key = self._folded.get(who)
        if key is None:  # a file has the same few names on a million lines
            key = self._folded[who] = fold_name(who)
        return self._people.setdefault(key, (who, []))[1]

    def schedule(self) -> Schedule:
        """The schedule. SettingError if two activities of a person overlap."""
        plans = {
            key: Plan(who, tuple(united(shifts, named=self.named, who=who, met=self._met)))
            for key, (who, shifts) in self._people.items()
        }
        zones = [f"{self.named}: times without an offset are in {', '.join(sorted(self.zones))}."] if self.zones else []
        return Schedule(self.named, plans, (*zones, *self.remarks.notes(self.named)))

    def _met(self, first: Shift, second: Shift) -> None:
        """Remember two rows of one activity that overlap."""
        twice = first[:3] == second[:3]
        about = "the same row twice counts once" if twice else "overlapping rows of one activity count once"
        self.remarks.add(about, f"lines {first.line} and {second.line}")


def united(
    shifts: Sequence[Shift], *, named: str, who: str, met: Callable[[Shift, Shift], None] | None = None
) -> Iterator[Shift]:
    """One person's shifts in order. Those of one activity that touch or overlap become one.

    `met` is called with two rows of one activity that overlap. SettingError if rows of two activities overlap.
    """
    last: Shift | None = None
    row: Shift | None = None
    """The row with which `last` ends."""
    for shift in sorted(shifts):
        if last is None or row is None:
            last = row = shift
            continue
        same = shift.activity == last.activity or fold_name(shift.activity) == fold_name(last.activity)
        if shift.begin < last.end:
            if not same:
                lines = sorted({row.line, shift.line})
                places = f"line {lines[-1]}" + (f" (with line {lines[0]})" if len(lines) > 1 else "")
                raise SettingError(
                    f"{named}, {places}: {shown(last.activity)} and {shown(shift.activity)} of {shown(who)} overlap"
                )
            if met is not None:
                met(row, shift)
        if same and shift.begin <= last.end:
            if shift.end > last.end:
                row = shift
            last = last._replace(end=max(last.end, shift.end))
        else:
            yield last
            last = row = shift
    if last is not None:
        yield last
