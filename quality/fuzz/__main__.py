"""`python -m quality.fuzz [TARGET...] [--seconds N]`: fuzz these targets, all by default, one after another."""

from __future__ import annotations

import argparse
import sys

from quality.fuzz.running import fuzz, why_not
from quality.fuzz.targets import TARGETS

SECONDS = 60


def main() -> int:
    """Fuzz, say what was found, and return 1 where there was something."""
    parser = argparse.ArgumentParser(prog="python -m quality.fuzz", description="Fuzz what reads bytes from outside.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(target.name for target in TARGETS))
    parser.add_argument("--seconds", type=int, default=SECONDS, help=f"seconds for each target (default {SECONDS})")
    given = parser.parse_args()
    known = {target.name: target for target in TARGETS}
    if unknown := [name for name in given.targets if name not in known]:
        parser.error(f"there is no target {unknown[0]}; they are {', '.join(known)}")
    if why := why_not():
        parser.error(why)
    found = 0
    for name in given.targets or known:
        came_to = fuzz(known[name], given.seconds)
        print(f"{name:18} {came_to.runs:>9,} inputs  {came_to.reached:>5} places  {known[name].about}", flush=True)
        for path in came_to.found:
            print(f"{came_to.story}\n\n{name}: a defect. The input is {path}: mend it, and commit both.")
        found += len(came_to.found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
