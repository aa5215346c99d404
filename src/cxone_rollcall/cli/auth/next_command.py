"""The next command to paste. It has the settings that were given as flags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxone_rollcall.cli.options import settings_flags
from cxone_rollcall.config.definitions import SETTINGS
from cxone_rollcall.model.shell import command_line

USER_GRANT = "authorization_code"


def as_user(given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a command with the grant of a user login."""
    return {"timeout": None, **given, "grant_type": USER_GRANT}


def again(command: str, given: Mapping[str, Any], *options: str, **more: str) -> str:
    """`rollcall COMMAND` with these options, the settings given as flags, and `more` settings."""
    flags = {**settings_flags(dict(given)), **more}
    words = ["rollcall", *command.split(), *options]
    for setting in SETTINGS:
        if (value := flags.get(setting.name)) is not None:
            words += [setting.flag, value]
    return command_line(words)
