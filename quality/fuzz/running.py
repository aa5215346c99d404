"""Fuzzes a target in its own process."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from quality.fuzz.target import Target

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "quality" / "fuzz" / "samples"
"""Inputs that once broke a reader, by target. The tests try each again."""
GRACE = 300
"""Seconds that imports and seeds may take on a busy machine."""

_RUNS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
_TRACEBACK = re.compile(r"=== Uncaught Python exception: ===.*?(?=^==\d+==|\Z)", re.DOTALL | re.MULTILINE)
_FEATURES = re.compile(r"cov: (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuzzed:
    """One target's result: inputs tried, code places reached, files of defects."""

    target: str
    runs: int
    reached: int
    found: tuple[Path, ...]
    said: str

    @property
    def story(self) -> str:
        """The traceback of a defect, or ""."""
        found = _TRACEBACK.search(self.said)
        return found[0].strip() if found else ""


def why_not() -> str:
    """Return why fuzzing is impossible here, or ""."""
    if importlib.util.find_spec("atheris") is None:
        return "atheris is not installed; it has wheels for Linux on x86-64 and some Python versions"
    return ""


def fuzz(target: Target, seconds: int, *, runs: int = -1, samples: Path = SAMPLES) -> Fuzzed:
    """Fuzz a target for some seconds. At most `runs` inputs are tried; -1 means no limit.

    The first defect ends it; its input is written to the target's folder in `samples`. RuntimeError if the fuzzer
    fails.
    """
    kept = samples / target.name
    kept.mkdir(parents=True, exist_ok=True)
    before = set(kept.iterdir())
    with tempfile.TemporaryDirectory(prefix="rollcall-fuzz-") as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "quality.fuzz.child",
                *map(str, (target.module, target.name, seconds, runs, kept, corpus)),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds + GRACE,
            check=False,
        )
    said = done.stdout + done.stderr
    found = tuple(sorted(set(kept.iterdir()) - before))
    if not before and not found:
        kept.rmdir()
    tried, reached = _RUNS.search(said), _FEATURES.findall(said)
    if tried is None or (done.returncode and not found):
        raise RuntimeError(f"the fuzzer of {target.name} ended with {done.returncode}:\n{said[-4000:]}")
    return Fuzzed(
        target=target.name, runs=int(tried[1]), reached=max(map(int, reached), default=0), found=found, said=said
    )
