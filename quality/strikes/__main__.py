"""`python -m quality.strikes`: strikes each request, judges the runs, prints or writes the table."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from quality.common.machine import describe
from quality.common.parallel import CORES, run_all
from quality.common.progress import say
from quality.strikes.campaign import questions, struck
from quality.strikes.guards import SAID_WRONG, take_out_each
from quality.strikes.kinds import KINDS
from quality.strikes.plan import TENANTS, Setting, everything
from quality.strikes.report import page, summary
from quality.strikes.strike import When
from quality.strikes.verdict import Ended, Verdict

PAGE = Path(__file__).resolve().parents[2] / "docs" / "strikes.md"
SHOWN_EVERY = 500
LONGEST_SHOWN = 200
AT_ONCE = 4 * CORES
"""More than cores. Many runs wait for a time limit or a Retry-After."""


def main(arguments: Sequence[str]) -> int:
    """Run the campaign; return 1 if anything is wrong."""
    options = _parser().parse_args(arguments)
    kinds = [kind for kind in KINDS if not options.kind or kind.name in options.kind]
    tenants = [tenant for tenant in TENANTS if not options.tenant or tenant.name in options.tenant]
    whens = options.when or list(When)
    began = time.perf_counter()
    machine = describe()
    asked = dict(zip(tenants, run_all(questions, tenants, at_once=options.at_once), strict=True))
    settings = [one for tenant in tenants for one in everything(tenant, asked[tenant], kinds, whens)]
    settings = settings[:: options.every]
    random.Random(1).shuffle(settings)  # mixes kinds that wait with others  # noqa: S311
    say(f"{len(settings)} runs: {len(kinds)} kinds at {sum(map(len, asked.values()))} requests, {', '.join(whens)}")
    verdicts = _strike(settings, at_once=options.at_once, first_wrong=options.first_wrong)
    seconds = f"{time.perf_counter() - began:.0f}"
    missed = take_out_each() if options.guards else []
    machine |= {"seconds": seconds, "seconds with the guards": f"{time.perf_counter() - began:.0f}"}
    if options.write:
        PAGE.write_text(page(verdicts, asked, missed, machine), encoding="utf-8")
    print("\n".join(summary(verdicts)))
    print(f"{len(verdicts)} runs in {seconds} s")
    for one in missed:
        print(f"without '{one.guard.name}': {one.wrong or 'NO RUN IS WRONG'}")
    return int(any(one.ended is Ended.WRONG for one in verdicts) or not all(one.wrong for one in missed))


def _strike(settings: Sequence[Setting], *, at_once: int, first_wrong: bool) -> list[Verdict]:
    verdicts: list[Verdict] = []
    for verdict in run_all(struck, settings, at_once=at_once):
        verdicts.append(verdict)
        if verdict.ended is Ended.WRONG:
            say(f"{SAID_WRONG}{verdict.setting.in_words}: {'; '.join(verdict.wrong)[:LONGEST_SHOWN]}")
            if first_wrong:
                break
        if not len(verdicts) % SHOWN_EVERY:
            say(f"  {len(verdicts)}")
    return verdicts


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m quality.strikes", description="Break each response of a run in each way, and judge the run."
    )
    parser.add_argument("--kind", action="append", metavar="NAME", choices=[kind.name for kind in KINDS])
    parser.add_argument("--tenant", action="append", choices=[tenant.name for tenant in TENANTS])
    parser.add_argument("--when", action="append", type=When, choices=list(When))
    parser.add_argument("--every", type=int, default=1, metavar="N", help="run only every Nth setting")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, metavar="N", help="runs in parallel")
    parser.add_argument("--first-wrong", action="store_true", help="stop at the first wrong run")
    parser.add_argument("--guards", action="store_true", help="then remove each guard, and check that runs go wrong")
    parser.add_argument("--write", action="store_true", help="write the page to docs/strikes.md")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
