"""Reads TOML files. Errors name the line, and quote nothing that may be a secret."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from cxone_rollcall.config.read_file import read_file
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.closest_match import closest_match
from cxone_rollcall.model.pasted_text import shown

Where = tuple[str | int, ...]
"""The path of a value: keys of tables, and places in lists."""


class TomlFile:
    """A file's values, and the errors of a reader who checks them. `named` is what messages call the file."""

    def __init__(self, text: str, named: str) -> None:
        import tomllib  # here, because many users have no such file

        self.named = named
        self._source = text.replace("\r\n", "\n")
        try:
            self.values: dict[str, Any] = tomllib.loads(self._source)
        except (ValueError, RecursionError) as error:
            # Only the position: the rest of the message may quote a secret from the file.
            place = re.search(r"line (\d+)", str(error))
            line = place[1] if place else len(self._source.splitlines())
            raise SettingError(f"{named}, line {line}: this is not valid TOML") from None

    def refuse(self, path: Where, what: str, *, example: str = "") -> NoReturn:
        """Raise SettingError with the line of a value."""
        raise SettingError(f"{self.named}, line {line_of(self._source, path)}: {what}", example=example)

    def check_keys(self, table: Mapping[str, Any], path: Where, known: Sequence[str]) -> None:
        """Refuse keys that are not known."""
        for key in table:
            if key not in known:
                near = closest_match(key, known)
                hint = f"did you mean {near}?" if near else f"known keys: {', '.join(known)}"
                self.refuse((*path, key), f"unknown key {shown(key)}; {hint}")

    def table(self, value: object, path: Where, *, example: str = "") -> dict[str, Any]:
        """The value as a table. Refuses anything else."""
        if not isinstance(value, dict):
            name = shown(str(path[-1]))
            self.refuse(path, f"{name} must be a table", example=example or f"{name} = {{ ... }}")
        return value


def read_toml(path: Path, *, largest: int) -> str:
    """The text of a TOML file of at most `largest` bytes. SettingError if it cannot be read."""
    try:
        data, _ = read_file(path, largest=largest)
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error.strerror}") from None
    return toml_text(data, str(path))


def toml_text(data: bytes, named: str) -> str:
    """The text of a file. SettingError, with the line, if it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingError(f"{named}, line {line}: this is not UTF-8 text; save it as UTF-8") from None


def line_of(text: str, path: Sequence[str | int]) -> int:
    """The line, from 1, of the statement with a path's value. `text` is valid TOML.

    The text up to the end of each statement is valid, too, and has the values up to there.
    """
    lines = text.split("\n")
    low, high = 0, len(lines)  # the path is not in the first `low` lines, and it is in the first `high`
    while high - low > 1:
        middle = (low + high) // 2
        end = middle
        while (values := _values(lines[:end])) is None:
            end += 1
        if _has(values, path):
            high = middle
        else:
            low = middle
    return high


def _values(lines: Sequence[str]) -> dict[str, Any] | None:
    """The values of these lines, None if they end within a statement."""
    import tomllib

    try:
        return tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError:
        return None


def _has(values: object, path: Sequence[str | int]) -> bool:
    for step in path:
        try:
            values = values[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return False
    return True
