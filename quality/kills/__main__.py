"""`python -m quality.kills --number 1000`: kills recorders and prints what is wrong with their files."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from quality.common.progress import say
from quality.kills.campaign import kill_recorders

BATCH = 25
"""Recorders of one file. A longer file makes each look at it slower, and shows nothing new."""
CONTRACTS = ("v2", "incontact")


def main(arguments: Sequence[str]) -> int:
    """Run the campaign; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m quality.kills", description=__doc__)
    parser.add_argument("--number", type=int, default=1000, help="recorders to kill (default: 1000)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    began, killed, polls, wrong = time.perf_counter(), 0, 0, 0
    while killed < options.number:
        batch = min(BATCH, options.number - killed)
        contract = CONTRACTS[killed // BATCH % len(CONTRACTS)]
        with tempfile.TemporaryDirectory(prefix="rollcall-kills-") as folder:
            for one in kill_recorders(Path(folder), contract=contract, number=batch, seed=options.seed + killed):
                polls += one.acknowledged
                wrong += bool(one.wrong)
                for text in one.wrong[:3]:
                    print(f"{contract}, seed {options.seed + killed}: {text}")
        killed += batch
        say(f"{killed} recorders killed, {polls} polls acknowledged, {wrong} files wrong")
    print(
        f"{killed} recorders killed in {time.perf_counter() - began:.0f} s: {polls} polls acknowledged, {wrong} wrong"
    )
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
