"""Asks the user back which agent a text means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cxone_rollcall.errors import SettingError
from cxone_rollcall.roll import UnclearAgents


@contextmanager
def asked_back(typed: Callable[[str], str]) -> Iterator[None]:
    """Turn `UnclearAgents` into a `SettingError` with the candidates.

    `typed` returns what to type for an id.
    """
    try:
        yield
    except UnclearAgents as unclear:
        from cxone_rollcall.views.why import candidates

        offered = [candidates(one.agents or one.similar, typed) for one in unclear.matches]
        raise SettingError(str(unclear), example="\n".join(filter(None, offered)) or "rollcall agents") from None
