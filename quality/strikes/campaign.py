"""Runs and judges one setting. The reference is the run of its tenant without faults and strikes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from quality.strikes.plan import Setting, Tenant
from quality.strikes.running import Struck, run
from quality.strikes.verdict import Verdict, judge


def struck(setting: Setting) -> Verdict:
    """Return the verdict on a setting. Call `run_command.prepare` first."""
    return judge(setting, run(setting), healthy(setting.tenant))


@lru_cache
def healthy(tenant: Tenant) -> Struck:
    """Return the run of a tenant without faults and strikes."""
    done = run(Setting(tenant=replace(tenant, faults=())))
    if done.run.exit:
        raise RuntimeError(f"the tenant {tenant.name} is not healthy: exit {done.run.exit}, {done.said}")
    return done


def questions(tenant: Tenant) -> Sequence[str]:
    """Return the requests of a run without a strike, each once."""
    done = run(Setting(tenant=tenant)) if tenant.faults else healthy(tenant)
    return tuple(dict.fromkeys(done.asked))
