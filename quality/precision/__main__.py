"""`python -m quality.precision`: runs all settings, judges them, prints or writes the page."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from quality.common.machine import describe
from quality.common.parallel import run_all
from quality.common.progress import say
from quality.common.run_command import Setting
from quality.precision import plan
from quality.precision.campaign import outcome_of
from quality.precision.expected import unneeded
from quality.precision.outcome import Outcome
from quality.precision.report import page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "precision.md"
SHOWN_EVERY = 200


def main(arguments: Sequence[str]) -> int:
    """Run the campaign; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m quality.precision",
        description="Run the emulator's faults and compare each diagnosis with the truth.",
    )
    parser.add_argument("--write", action="store_true", help="write the page to docs/precision.md")
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    machine = describe()
    parts = [
        _run(name, settings)
        for name, settings in (
            ("healthy tenants", plan.healthy()),
            ("faults alone", plan.singles()),
            ("with other probes", plan.with_other_probes()),
            ("pairs", plan.pairs()),
            ("pairs in a small tenant", plan.pairs_of_few()),
        )
    ]
    machine["seconds"] = f"{time.perf_counter() - began:.0f}"
    text = page(*parts, machine=machine)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)
    wrong = [one for part in parts for one in part if one.wrong or one.proven or one.otherwise]
    for one in wrong:
        say(f"wrong: {one.setting.command} ({one.setting.probes}): {one.wrong} {one.proven} {one.otherwise}")
    stale = unneeded([one for part in parts for one in part])
    for exception in stale:
        say(f"no longer needed in quality/precision/plan.py: {exception}")
    return int(bool(wrong or stale))


def _run(name: str, settings: Iterable[Setting]) -> list[Outcome]:
    given = list(settings)
    say(f"{name}: {len(given)}")
    outcomes: list[Outcome] = []
    for outcome in run_all(outcome_of, given):
        outcomes.append(outcome)
        if not len(outcomes) % SHOWN_EVERY:
            say(f"  {len(outcomes)}")
    return outcomes


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
