"""Striking in a process that is prepared for it: the healthy run first, once, and each struck run judged by it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from quality.strikes.plan import Setting, Tenant
from quality.strikes.running import Struck, run
from quality.strikes.verdict import Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Sequence


def struck(setting: Setting) -> Verdict:
    """Run a setting and judge it."""
    return judge(setting, run(setting), healthy(setting.tenant))


@lru_cache
def healthy(tenant: Tenant) -> Struck:
    """Return the run of a tenant that nobody strikes."""
    done = run(Setting(tenant=tenant))
    if done.run.exit:
        raise RuntimeError(f"the tenant {tenant.name} is not healthy: exit {done.run.exit}, {done.said}")
    return done


def questions(tenant: Tenant) -> Sequence[str]:
    """Return what a healthy run asks, each question once, in the order in which they come."""
    return tuple(dict.fromkeys(healthy(tenant).asked))
