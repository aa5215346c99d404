"""`python -m quality.mutants [--seed N]`: changes the sources, and prints what no test notices."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from quality.common.parallel import CORES
from quality.common.progress import say
from quality.mutants import harmless
from quality.mutants.campaign import sources, try_out
from quality.mutants.mutant import sample
from quality.mutants.trial import ROOT, Ended

NUMBER = 200
WANTED = 0.95
SHOWN_EVERY = 10


def main(arguments: Sequence[str]) -> int:
    """Try a sample of mutants; return 1 if too few are noticed. The tests must notice `WANTED` of them."""
    options = _parser().parse_args(arguments)
    files = sources(options.root, options.packages)
    if not files:
        sys.exit(f"there is no package {', '.join(options.packages)}")
    known = harmless.load(options.harmless)
    began = time.monotonic()
    drawn = list(sample(options.root, files, options.number, options.seed))
    mutants = [one for one in drawn if not harmless.reason(one, known)]
    say(f"seed {options.seed}: {len(drawn)} mutants of {len(files)} files; first the tests without a mutant")
    count: Counter[Ended] = Counter()
    for mutant, ended in try_out(options.root, mutants, options.at_once):
        count[ended] += 1
        if ended is Ended.SURVIVED:
            print(f"survived:\n{mutant.diff}\n\n{harmless.entry(mutant)}\n", flush=True)
        if count.total() % SHOWN_EVERY == 0:
            say(f"  {count.total()}: {count[Ended.SURVIVED]} survived, {count[Ended.MISTYPED]} rejected by mypy")
    killed, survived = count[Ended.KILLED] + count[Ended.NO_END], count[Ended.SURVIVED]
    rate = killed / (killed + survived or 1)
    print(
        f"seed {options.seed}: {killed} killed ({count[Ended.NO_END]} by a time limit), {survived} survived, "
        f"{len(drawn) - len(mutants)} harmless, "
        f"{count[Ended.MISTYPED]} rejected by mypy; {rate:.1%} killed ({time.monotonic() - began:.0f} s)"
    )
    return int(bool(survived) and rate < WANTED)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m quality.mutants", description="Change one place of the sources at a time, and run the tests."
    )
    parser.add_argument("--number", type=int, default=NUMBER, metavar="N", help=f"mutants (default {NUMBER})")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="draws other mutants (default 1)")
    parser.add_argument(
        "--packages", nargs="+", default=[], metavar="NAME", help="parts of the package (default: all but emulator)"
    )
    parser.add_argument("--at-once", type=int, default=CORES, metavar="N", help="mutants in parallel (default: cores)")
    parser.add_argument("--root", type=Path, default=ROOT, metavar="FOLDER", help=argparse.SUPPRESS)
    parser.add_argument("--harmless", type=Path, default=harmless.KEPT, metavar="FILE", help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
