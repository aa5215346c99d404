"""The user's folders for settings and data, where each platform has them."""

from __future__ import annotations

from pathlib import Path

from cxone_rollcall.errors import SettingError


def config_folder() -> Path:
    """The folder of `config.toml`. SettingError if this user has no home folder."""
    from platformdirs import user_config_path

    try:
        return user_config_path("rollcall", appauthor=False)
    except RuntimeError:
        raise _homeless("XDG_CONFIG_HOME") from None


def data_folder() -> Path:
    """The folder of logins and alerts. SettingError if this user has no home folder."""
    from platformdirs import user_data_path

    try:
        return user_data_path("rollcall", appauthor=False)
    except RuntimeError:
        raise _homeless("XDG_DATA_HOME") from None


def _homeless(variable: str) -> SettingError:
    """Services and containers may run as a user without a home."""
    return SettingError(
        "This user has no home folder: HOME is not set, and the system does not know the user. Set HOME or"
        f" {variable} to a folder that belongs to this user.",
        example="export HOME=/var/lib/rollcall",
    )
