"""Reads and checks the file that maps activities.

It may also say the form of the schedule.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any, NoReturn

from cxone_rollcall.config.read_file import read_file
from cxone_rollcall.config.toml_lines import line_of
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

Where = tuple[str, ...]


def read_activities(path: Path) -> tuple[Activities, Layout]:
    """The activities of a file, and the form of the schedule. SettingError names the file, the line and the mistake."""
    named = str(path)
    try:
        data, _ = read_file(path, largest=LARGEST, named=named)
    except OSError as error:
        raise SettingError(f"{named} cannot be read: {error.strerror}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingError(f"{named}, line {line}: this is not UTF-8 text") from None
    return parse_activities(text.replace("\r\n", "\n"), named=named)


def parse_activities(text: str, *, named: str) -> tuple[Activities, Layout]:
    """The activities and the form of the schedule in a TOML text. SettingError as for `read_activities`."""
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        place = re.search(r"line (\d+)", str(error))
        line = place[1] if place else str(len(text.splitlines()))
        raise SettingError(f"{named}, line {line}: this is not valid TOML: {error}") from None
    return _Reader(text, named).file(document)


class _Reader:
    """Checks the values of one file."""

    def __init__(self, text: str, named: str) -> None:
        self._source = text
        self._named = named

    def _refuse(self, path: Where, what: str, *, example: str = "") -> NoReturn:
        raise SettingError(f"{self._named}, line {line_of(self._source, path)}: {what}", example=example)

    def file(self, document: Mapping[str, Any]) -> tuple[Activities, Layout]:
        """The whole file."""
        self._check_keys(document, (), ("activities", "schedule"))
        fits: dict[str, Fit] = {}
        for name, table in self._table(document.get("activities", {}), ("activities",)).items():
            if fold_name(name) in fits:
                self._refuse(("activities", name), f"{shown(name)} is there twice, in other letters")
            fits[fold_name(name)] = self._fit(table, ("activities", name))
        return Activities(fits), self._layout(self._table(document.get("schedule", {}), ("schedule",)))

    def _fit(self, value: object, path: Where) -> Fit:
        table = self._table(value, path)
        self._check_keys(table, path, _FIT_KEYS)
        groups = self._texts(table, path, "group")
        for group in groups:
            if group not in GROUPS:
                near = closest_match(group, GROUPS)
                hint = f"did you mean {near}?" if near else f"the groups are {', '.join(GROUPS)}"
                self._refuse((*path, "group"), f"no group is called {shown(group)}; {hint}")
        fit = Fit(
            groups=frozenset(one for one in GROUPS if one in groups),
            states=frozenset(map(fold_name, self._texts(table, path, "state"))),
            sub_states=frozenset(map(fold_name, self._texts(table, path, "sub_state"))),
            logged_out=self._switch(table, path, "logged_out"),
            off=self._switch(table, path, "off"),
        )
        if fit.off and fit != Fit(off=True):
            self._refuse(
                path, "time off is not scheduled, so no state fits it", example=f"{shown(path[-1])} = {{ off = true }}"
            )
        if fit == Fit():
            self._refuse(
                path, f"no state fits {shown(path[-1])}: give a group, a state or a sub_state", example=_EXAMPLE
            )
        return fit

    def _layout(self, table: Mapping[str, Any]) -> Layout:
        self._check_keys(table, ("schedule",), _SCHEDULE_KEYS)
        path = ("schedule", "columns")
        columns = self._table(table.get("columns", {}), path)
        self._check_keys(columns, path, COLUMNS)
        for name, column in columns.items():
            self._text((*path, name), column)
        dates = table.get("dates", "")
        if dates and dates not in ORDERS:
            self._refuse(("schedule", "dates"), f"dates must be one of {', '.join(ORDERS)}")
        return Layout(columns=columns, dates=dates, zone=self._zone(table["tz"]) if "tz" in table else None)

    def _zone(self, value: object) -> tzinfo:
        path = ("schedule", "tz")
        name = self._text(path, value)
        try:
            return zone_of(name)
        except SettingError as error:
            self._refuse(path, str(error), example='tz = "Europe/Berlin"')

    def _check_keys(self, table: Mapping[str, Any], path: Where, known: Sequence[str]) -> None:
        for key in table:
            if key not in known:
                near = closest_match(key, known)
                hint = f"did you mean {near}?" if near else f"known keys: {', '.join(known)}"
                self._refuse((*path, key), f"unknown key {shown(key)}; {hint}")

    def _table(self, value: object, path: Where) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._refuse(path, f"{shown(path[-1])} must be a table", example=_EXAMPLE)
        return value

    def _texts(self, table: Mapping[str, Any], path: Where, key: str) -> list[str]:
        """One text or a list of texts."""
        value = table.get(key, [])
        return [self._text((*path, key), one) for one in (value if isinstance(value, list) else [value])]

    def _text(self, path: Where, value: object) -> str:
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            self._refuse(path, f"{path[-1]} must be printable text")
        return value.strip()

    def _switch(self, table: Mapping[str, Any], path: Where, key: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            self._refuse((*path, key), f"{key} must be true or false")
        return value
