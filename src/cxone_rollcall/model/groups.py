"""The names of the groups of states."""

from __future__ import annotations

from typing import Literal, get_args

Group = Literal["available", "on-contact", "after-contact", "unavailable", "pending", "other"]
GROUPS: tuple[Group, ...] = get_args(Group)
