"""`python -m quality.fuzz [TARGET...] [--seconds N]`: fuzzes the targets one after another."""

from __future__ import annotations

import argparse
import sys

from quality.fuzz.running import fuzz, why_not
from quality.fuzz.targets import TARGETS

SECONDS = 60


def main() -> int:
    """Fuzz and print the defects; return 1 if there are any."""
    parser = argparse.ArgumentParser(
        prog="python -m quality.fuzz", description="Fuzz the functions that read bytes from outside."
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(target.name for target in TARGETS))
    parser.add_argument("--seconds", type=int, default=SECONDS, help=f"seconds per target (default {SECONDS})")
    given = parser.parse_args()
    known = {target.name: target for target in TARGETS}
    if unknown := [name for name in given.targets if name not in known]:
        parser.error(f"there is no target {unknown[0]}; they are {', '.join(known)}")
    if why := why_not():
        parser.error(why)
    found = 0
    for name in given.targets or known:
        fuzzed = fuzz(known[name], given.seconds)
        print(f"{name:18} {fuzzed.runs:>9,} inputs  {fuzzed.reached:>5} code places  {known[name].about}", flush=True)
        for path in fuzzed.found:
            print(f"{fuzzed.story}\n\n{name}: a defect. Fix it, and commit the fix and the input {path}.")
        found += len(fuzzed.found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
