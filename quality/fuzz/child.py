"""Fuzzes one target: `python -m quality.fuzz.child MODULE TARGET SECONDS SAMPLES CORPUS`.

It needs its own process, because our code is instrumented while it is imported. libFuzzer ends the process: with
status 0 when the time is over, with another one if it has found an input and written it to SAMPLES.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from quality.fuzz.target import Target

LONGEST_INPUT = 4096
SECONDS_OF_ONE_INPUT = 10
MEGABYTES = 2048


def main(module: str, name: str, seconds: str, runs: str, samples: str, corpus: str) -> None:
    """Fuzz one target of a module's `TARGETS`; does not return."""
    atheris: Any = importlib.import_module("atheris")  # without types, and not on all platforms
    with atheris.instrument_imports(include=["cxone_rollcall", module]):
        target = named(name, importlib.import_module(module).TARGETS)
    folder = Path(corpus)
    for number, seed in enumerate(target.seeds()):
        (folder / f"seed-{number:03}").write_bytes(seed)
    words = folder.with_name("words")
    words.write_text("# words\n" + "\n".join(map(_quoted, target.words)), encoding="ascii")
    options = [
        f"-max_total_time={seconds}",
        f"-runs={runs}",
        f"-artifact_prefix={samples}/",
        f"-dict={words}",
        f"-max_len={max(LONGEST_INPUT, *(len(seed) for seed in target.seeds()))}",
        f"-timeout={SECONDS_OF_ONE_INPUT}",
        f"-rss_limit_mb={MEGABYTES}",
        "-seed=1",
        "-print_final_stats=1",
        "-len_control=0",
    ]
    atheris.Setup([sys.argv[0], *options, corpus], target.feed)
    atheris.Fuzz()


def named(name: str, targets: Iterable[Target]) -> Target:
    """Return the target with this name, or raise KeyError."""
    return {target.name: target for target in targets}[name]


def _quoted(word: bytes) -> str:
    """Return a word in the format of libFuzzer's dictionaries."""
    return '"' + "".join(chr(one) if one < 128 and chr(one).isalnum() else f"\\x{one:02X}" for one in word) + '"'


if __name__ == "__main__":
    main(*sys.argv[1:])
