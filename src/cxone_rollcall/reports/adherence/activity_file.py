"""Reads and checks the file that maps activities.

It may also say the form of the schedule.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any

from cxone_rollcall.config.toml_file import TomlFile, Where, read_toml
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.agent import fold_name
from cxone_rollcall.model.closest_match import closest_match
from cxone_rollcall.model.groups import GROUPS
from cxone_rollcall.model.pasted_text import shown
from cxone_rollcall.reports.adherence.activities import Activities, Fit
from cxone_rollcall.reports.adherence.layout import COLUMNS, Layout
from cxone_rollcall.reports.adherence.times import ORDERS
from cxone_rollcall.reports.zones import zone_of

LARGEST = 1 << 18
"""Bytes of the file. An activity has some 80."""
_FIT_KEYS = ("group", "state", "sub_state", "logged_out", "off")
_SCHEDULE_KEYS = ("columns", "dates", "tz")
_EXAMPLE = '[activities]\nPhones = { group = ["available", "on-contact", "after-contact"] }'


def read_activities(path: Path) -> tuple[Activities, Layout]:
    """The activities of a file, and the form of the schedule. SettingError names the file, the line and the mistake."""
    return parse_activities(read_toml(path, largest=LARGEST), named=str(path))


def parse_activities(text: str, *, named: str) -> tuple[Activities, Layout]:
    """The activities and the form of the schedule in a TOML text. SettingError as for `read_activities`."""
    return _Reader(text, named).file()


class _Reader(TomlFile):
    """Checks the values of such a file."""

    def file(self) -> tuple[Activities, Layout]:
        """The whole file."""
        document = self.values
        self.check_keys(document, (), ("activities", "schedule"))
        fits: dict[str, Fit] = {}
        for name, table in self.table(document.get("activities", {}), ("activities",)).items():
            if fold_name(name) in fits:
                self.refuse(("activities", name), f"{shown(name)} is there twice, in other letters")
            fits[fold_name(name)] = self._fit(table, name)
        return Activities(fits), self._layout(self.table(document.get("schedule", {}), ("schedule",)))

    def _fit(self, value: object, name: str) -> Fit:
        path = ("activities", name)
        table = self.table(value, path)
        self.check_keys(table, path, _FIT_KEYS)
        groups = self._texts(table, path, "group")
        for group in groups:
            if group not in GROUPS:
                near = closest_match(group, GROUPS)
                hint = f"did you mean {near}?" if near else f"the groups are {', '.join(GROUPS)}"
                self.refuse((*path, "group"), f"no group is called {shown(group)}; {hint}")
        fit = Fit(
            groups=frozenset(one for one in GROUPS if one in groups),
            states=frozenset(map(fold_name, self._texts(table, path, "state"))),
            sub_states=frozenset(map(fold_name, self._texts(table, path, "sub_state"))),
            logged_out=self._switch(table, path, "logged_out"),
            off=self._switch(table, path, "off"),
        )
        if fit.off and fit != Fit(off=True):
            self.refuse(
                path,
                "time off is not scheduled, so no state fits it",
                example=f"{shown(name)} = {{ off = true }}",
            )
        if fit == Fit():
            self.refuse(path, f"no state fits {shown(name)}: give a group, a state or a sub_state", example=_EXAMPLE)
        return fit

    def _layout(self, table: Mapping[str, Any]) -> Layout:
        self.check_keys(table, ("schedule",), _SCHEDULE_KEYS)
        path = ("schedule", "columns")
        columns = self.table(table.get("columns", {}), path)
        self.check_keys(columns, path, COLUMNS)
        for name, column in columns.items():
            self._text((*path, name), column)
        dates = table.get("dates", "")
        if dates and dates not in ORDERS:
            self.refuse(("schedule", "dates"), f"dates must be one of {', '.join(ORDERS)}")
        return Layout(columns=columns, dates=dates, zone=self._zone(table["tz"]) if "tz" in table else None)

    def _zone(self, value: object) -> tzinfo:
        path = ("schedule", "tz")
        name = self._text(path, value)
        try:
            return zone_of(name)
        except SettingError as error:
            self.refuse(path, str(error), example='tz = "Europe/Berlin"')

    def _texts(self, table: Mapping[str, Any], path: Where, key: str) -> list[str]:
        """One text or a list of texts."""
        value = table.get(key, [])
        return [self._text((*path, key), one) for one in (value if isinstance(value, list) else [value])]

    def _text(self, path: Where, value: object) -> str:
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            self.refuse(path, f"{path[-1]} must be printable text")
        return value.strip()

    def _switch(self, table: Mapping[str, Any], path: Where, key: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            self.refuse((*path, key), f"{key} must be true or false")
        return value
