"""Remembers which login was stored last. A command without any settings uses it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from cxone_rollcall.config.logins.store import make_folder
from cxone_rollcall.config.read_file import read_file
from cxone_rollcall.errors import SettingError

NAMES = ("instance", "tenant_id", "client_id")
"""The settings that find a login again. None is a secret."""


def note_latest(settings: Mapping[str, str | None], logins: Path) -> None:
    """Note the settings of a new login, beside the file of logins.

    If that cannot be written, the login needs its settings in the next command.
    """
    kept = {name: text for name in NAMES if (text := settings.get(name))}
    try:
        make_folder(logins)
        _beside(logins).write_text(json.dumps(kept) + "\n", encoding="utf-8")
    except (OSError, SettingError):
        return


def latest(logins: Path) -> dict[str, str]:
    """The settings of the login that was stored last, or {}."""
    try:
        kept = json.loads(read_file(_beside(logins))[0])
    except (OSError, ValueError, SettingError):
        return {}
    if not isinstance(kept, dict):
        return {}
    return {name: kept[name] for name in NAMES if isinstance(kept.get(name), str)}


def _beside(logins: Path) -> Path:
    return logins.with_name("latest-login.json")
