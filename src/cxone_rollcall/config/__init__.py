"""The settings: from flags, environment, `.env` and profiles; each value knows its source."""

from __future__ import annotations

from cxone_rollcall.config.definitions import CONTRACTS, GRANT_TYPES, SETTINGS, Setting
from cxone_rollcall.config.instance import Instance
from cxone_rollcall.config.load import config_path, load
from cxone_rollcall.config.settings import Settings, resolve
from cxone_rollcall.config.sources import Source, Sourced

__all__ = [
    "CONTRACTS",
    "GRANT_TYPES",
    "SETTINGS",
    "Instance",
    "Setting",
    "Settings",
    "Source",
    "Sourced",
    "config_path",
    "load",
    "resolve",
]
