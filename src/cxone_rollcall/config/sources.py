"""The sources of settings: flags, environment and `.env`."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from cxone_rollcall.config.definitions import BY_NAME, BY_VARIABLE, Setting, looks_ours, setting_meant
from cxone_rollcall.config.file_permissions import check_private
from cxone_rollcall.config.read_file import read_file
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.pasted_text import cleaned, first_unprintable, has_surrogate, is_blank
from cxone_rollcall.model.shell import quoted
from cxone_rollcall.model.struct import HiddenRepr

# The user controls both arguments and environment: for secrets they are one source, the session.
Group = Literal["session", "dotenv", "profile"]

_OF_PATHS = ("_FILE", "_PATH")


class Source(HiddenRepr, frozen=True, kw_only=True):
    """One source of settings, such as a flag or a profile.

    `values` maps setting names (`client_id`) to their unchanged texts. `label` names the source in messages, relative
    paths start from `folder`, and `strays` are variables that look like ours but are unknown. A secret may go to an
    instance from the same `group`.
    """

    hidden = ("values",)

    label: str
    group: Group
    values: Mapping[str, str]
    folder: Path = Path()
    strays: tuple[str, ...] = ()


class Sourced(HiddenRepr, frozen=True):
    """A setting's value and its source. Its repr hides the text, which may be a secret."""

    hidden = ("text",)

    setting: Setting
    text: str
    source: Source

    def refusal(self, why: str) -> SettingError:
        """The error that this value is unusable; `why` follows its name."""
        return SettingError(f"{self.named} {why}", example=self.written(self.setting.example))

    def written(self, text: str) -> str:
        """Another value of the setting, written as this one is."""
        if self.source.label == self.setting.flag:
            return f"{self.setting.flag} {quoted(text)}"
        if self.source.group == "profile":
            return f'{self.setting.name} = "{text}"'
        return f"{self.setting.variable}={quoted(text)}"

    @property
    def named(self) -> str:
        """The variable and its source, for messages."""
        return f"{self.setting.variable} ({self.source.label})"


def pick(setting: Setting, sources: Iterable[Source]) -> Sourced | None:
    """The first value of a setting that is not blank.

    Secrets stay unchanged, others lose surrounding quotes. SettingError if it is not UTF-8, or has a control character
    and is not a secret.
    """
    for source in sources:
        text = source.values.get(setting.name)
        if text is None or is_blank(text):
            continue
        value = Sourced(setting, text if setting.secret else cleaned(text), source)
        if has_surrogate(text):
            raise value.refusal("is not valid UTF-8 text")
        # Instance.parse has its own message for this.
        checked = not setting.secret and setting.name != "instance"
        if checked and (character := first_unprintable(value.text)) is not None:
            raise value.refusal(f"has the invisible character U+{ord(character):04X} inside")
        return value
    return None


def flag_sources(flags: Mapping[str, str | None]) -> list[Source]:
    """A source for each given flag (`--instance`). ValueError for a setting without a flag."""
    if unknown := [name for name in flags if name not in BY_NAME or not BY_NAME[name].has_flag]:
        raise ValueError(f"no flag sets {', '.join(unknown)}")
    return [
        Source(label=BY_NAME[name].flag, group="session", values={name: text})
        for name, text in flags.items()
        if text is not None
    ]


def environment_source(environ: Mapping[str, str], cwd: Path) -> Source:
    """The settings in the environment."""
    return _variables("environment", "session", environ, cwd)


def dotenv_source(path: Path) -> Source:
    """The settings in a `.env` file; none if the file is missing.

    SettingError if it is malformed, or holds one of our secrets and other users of this machine can read it. Quotes,
    escapes and comments are read as usual; variables in values are not expanded.
    """
    return _variables(str(path), "dotenv", _read_dotenv(path), path.parent)


def _variables(label: str, group: Group, variables: Mapping[str, str], folder: Path) -> Source:
    return Source(
        label=label,
        group=group,
        values={setting.name: variables[name] for name, setting in BY_VARIABLE.items() if name in variables},
        folder=folder,
        strays=tuple(sorted(filter(looks_ours, variables))),
    )


def _read_dotenv(path: Path) -> dict[str, str]:
    try:
        data, status = read_file(path)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        # Perhaps a virtual environment. Path.is_dir() raises PermissionError if the folder around it hides its files.
        if os.path.isdir(path):  # noqa: PTH112
            return {}
        raise SettingError(f"{path} cannot be read: {error.strerror}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingError(f"{path} is not UTF-8 text (line {line}): save it as UTF-8") from None

    # `dotenv_values` would log a malformed line and skip it.
    from dotenv.parser import parse_stream

    variables: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            original = binding.original.string
            line = binding.original.line + original[: -len(original.lstrip()) or None].count("\n")
            raise SettingError(f"{path} is malformed at line {line}: NAME=value is expected, quotes closed")
        if binding.key is not None:
            variables[binding.key] = binding.value or ""
    if any(map(_is_our_secret, variables.items())):
        check_private(path, status, "a secret")
    return variables


def _is_our_secret(variable: tuple[str, str]) -> bool:
    """Whether a variable sets one of our secrets. Misspelt names count too.

    A variable such as `CXONE_CLIENT_SECRET_FILE` holds a path.
    """
    name, text = variable
    if is_blank(text):
        return False
    if name in BY_VARIABLE:
        return BY_VARIABLE[name].secret
    if not looks_ours(name) or name.upper().endswith(_OF_PATHS):
        return False
    meant = setting_meant(name)
    return "SECRET" in name.upper() or (meant is not None and meant.secret)
