"""`python -m quality.bench`: measures, prints the page, and writes it with its pictures."""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from quality.bench import plan
from quality.bench.dialogue import CHECKOUT
from quality.bench.history import history
from quality.bench.live import live
from quality.bench.measure import cold_start, compare, environment, scratch, server_alone, under_limits, warm_up
from quality.bench.pictures import pictures
from quality.bench.plan import Plan
from quality.bench.readers import readers
from quality.bench.report import page
from quality.bench.results import PARTS, Results, read
from quality.common.machine import VARYING, describe
from quality.common.progress import say

DOCS = CHECKOUT / "docs"
PAGE = "benchmark.md"


def main(arguments: Sequence[str]) -> None:
    """Run the benchmark."""
    options = _parser().parse_args(arguments)
    if options.agents is not None:
        chosen = plan.tiny(options.agents)
    else:
        chosen = plan.quick() if options.quick else plan.whole(options.repeats)
    earlier = None
    if options.again:
        if options.json is None or not options.json.is_file():
            raise SystemExit("--again needs --json FILE, which has the parts that are not measured again")
        earlier = read(options.json)
        if other := _differences(earlier.machine, describe()):
            raise SystemExit(f"--again mixes no runs: {options.json} has another {', '.join(other)}")
    results = measure(chosen, frozenset(options.again or PARTS), earlier)
    text = page(results)
    print(text)
    if options.json is not None:
        options.json.write_text(json.dumps(asdict(results), indent=1) + "\n")
    if options.write is not None:
        write(options.write, {PAGE: text, **pictures(results)})


def _differences(earlier: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What differs between two machines: parts and versions, not date and load."""
    return [name for name in now if name not in VARYING and earlier.get(name) != now[name]]


def measure(chosen: Plan, parts: frozenset[str] = frozenset(PARTS), earlier: Results | None = None) -> Results:
    """Return the results of a plan. Parts that are not measured are taken from earlier results."""
    began = time.monotonic()
    results = earlier or Results(machine={}, comparisons=(), limited=(), capacities=(), cold_starts={})
    with scratch() as folder:
        place = Path(folder)
        say("warming up")
        warm_up(min(setting.agents for setting in chosen.settings), place)
        if "runs" in parts:
            results = replace(
                results,
                cold_starts=cold_start(chosen.cold_repeats, place),
                capacities=server_alone(chosen, place),
                comparisons=list(compare(chosen.settings, place)),
            )
        if "live" in parts:
            lives = live(chosen.live, lambda settings: environment(place, settings), place)
            results = replace(results, live=list(lives))
        if "readers" in parts:
            many = readers(chosen.readers, lambda settings: environment(place, settings), place)
            results = replace(results, readers=list(many))
        if "history" in parts:
            kept = history(chosen.history, lambda settings: environment(place, settings), place)
            results = replace(results, history=list(kept))
        if "limits" in parts:
            results = replace(results, limited=list(under_limits(chosen.limits, place)))
    return replace(results, machine=describe(), seconds=results.seconds + time.monotonic() - began)


def write(folder: Path, texts: Mapping[str, str]) -> None:
    """Write all files or none. Each is written beside its place, then all are renamed."""
    waiting = {name: folder / f".{name}.part" for name in texts}
    try:
        for name, text in texts.items():
            waiting[name].write_text(text, encoding="utf-8")
        for name, part in waiting.items():
            part.replace(folder / name)
    finally:
        for part in waiting.values():
            part.unlink(missing_ok=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m quality.bench", description="Compare rollcall with bare HTTP and with usual scripts."
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="few settings, once each (two minutes instead of 25)")
    size.add_argument("--agents", type=_count, metavar="N", help="only N agents, once: shows that it runs")
    parser.add_argument("--repeats", type=_count, default=5, help="runs of each contender per setting (5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write each single run to this file")
    parser.add_argument(
        "--again", nargs="+", choices=PARTS, metavar="PART", help=f"only {', '.join(PARTS)}; the rest is that of --json"
    )
    parser.add_argument(
        "--write",
        type=Path,
        nargs="?",
        const=DOCS,
        metavar="FOLDER",
        help=f"write {PAGE} and its pictures to a folder ({DOCS.relative_to(CHECKOUT)})",
    )
    return parser


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return count


if __name__ == "__main__":
    main(sys.argv[1:])
