"""The next command to paste. It has the settings that were given as flags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxone_rollcall.cli.options import tenant_options
from cxone_rollcall.model.shell import command_line

USER_GRANT = "authorization_code"


def as_user(given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a command with the grant of a user login."""
    return {"timeout": None, **given, "grant_type": USER_GRANT}


def again(command: str, given: Mapping[str, Any], *options: str, **more: str) -> str:
    """`rollcall COMMAND` with these options, the settings given as flags, and `more` settings."""
    return command_line(["rollcall", *command.split(), *options, *tenant_options({**given, **more})])
