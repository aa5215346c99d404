"""Runs and judges one setting. The healthy run of each tenant is the reference."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from quality.strikes.plan import Setting, Tenant
from quality.strikes.running import Struck, run
from quality.strikes.verdict import Verdict, judge


def struck(setting: Setting) -> Verdict:
    """Return the verdict on a setting. Call `run_command.prepare` first."""
    return judge(setting, run(setting), healthy(setting.tenant))


@lru_cache
def healthy(tenant: Tenant) -> Struck:
    """Return the run of a tenant without a strike."""
    done = run(Setting(tenant=tenant))
    if done.run.exit:
        raise RuntimeError(f"the tenant {tenant.name} is not healthy: exit {done.run.exit}, {done.said}")
    return done


def questions(tenant: Tenant) -> Sequence[str]:
    """Return the requests of a healthy run, each once, in order."""
    return tuple(dict.fromkeys(healthy(tenant).asked))
