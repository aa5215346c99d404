"""Asks the user back which agent a text means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cxone_rollcall.cli.options import tenant_options
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.shell import command_line
from cxone_rollcall.roll import UnclearAgents


@contextmanager
def asked_back(typed: Callable[[str], str], given: Mapping[str, Any]) -> Iterator[None]:
    """Turn `UnclearAgents` into a `SettingError` with the candidates.

    `typed` returns what to type for an id, `given` are the command's parameters.
    """
    try:
        yield
    except UnclearAgents as unclear:
        from cxone_rollcall.views.why import candidates

        roster = command_line(["rollcall", "agents", *tenant_options(given)])
        offered = [candidates(one.agents or one.similar, typed, roster) for one in unclear.matches]
        raise SettingError(str(unclear), example="\n".join(filter(None, offered)) or roster) from None
