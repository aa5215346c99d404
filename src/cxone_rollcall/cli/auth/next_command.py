"""The next command to type, with the settings that were given as flags, so that it can be pasted."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from cxone_rollcall.cli.options import settings_flags
from cxone_rollcall.config import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cxone_rollcall.cli.target import Target
    from cxone_rollcall.config.logins import LoginStore

USER_GRANT = "authorization_code"


def as_user(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a command's parameters with the grant that a user's login has."""
    return {"timeout": None, **given, "grant_type": USER_GRANT}


def again(command: str, given: Mapping[str, Any], *options: str, **more: str) -> str:
    """Return `rollcall COMMAND` with these options, the settings of the flags that were given, and `more` of them."""
    flags = {**settings_flags(dict(given)), **more}
    words = ["rollcall", *command.split(), *options]
    for setting in SETTINGS:
        if (value := flags.get(setting.name)) is not None:
            words += [setting.flag, value]
    return shlex.join(words)


def logins_of(target: Target) -> LoginStore | None:
    """Return where the login of this target is kept; None where its grant needs none."""
    return target.logins
