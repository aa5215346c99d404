"""The benchmark runs everything once with 300 agents. That is each contender, poller, server and limit."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from quality.bench.contenders import CONTENDERS
from quality.bench.dialogue import CHECKOUT
from quality.bench.measure import agree

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="os.wait4 tells what a process has used")


@pytest.mark.thorough
def test_small_run(tmp_path: Path) -> None:
    """A run writes its page and pictures, and counts the expected requests."""
    runs = tmp_path / "runs.json"
    command = [sys.executable, "-m", "quality.bench", "--agents", "300", "--write", str(tmp_path), "--json", str(runs)]
    done = subprocess.run(command, cwd=CHECKOUT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    written = {path.name for path in tmp_path.iterdir()}
    assert written == {"runs.json", "benchmark.md", "benchmark-wall.svg", "benchmark-growth.svg"}
    measured = json.loads(runs.read_text())
    emulated, still = measured["comparisons"]
    assert set(emulated["samples"]) == {contender.key for contender in CONTENDERS}
    requests = {key: of[0]["requests"] for key, of in emulated["samples"].items()}
    assert requests["v2 sequential"] == requests["v2 threads"] == 1 + 3 + 6
    assert requests["v2 floor"] == requests["incontact floor"] == requests["incontact threads"] == 1 + 3 + 3
    assert [one["requests"] for one in still["samples"]["v2 floor"]] == [1 + 6 + 6]
    for contract, (run,) in measured["limited"][0]["runs"].items():
        assert len(run["let_through"]) >= 7, contract
        assert run["sample"]["throttled"] == len(run["turned_away"])
        assert run["sample"]["requests"] == len(run["let_through"]) + len(run["turned_away"])


def test_contenders_that_disagree_end_the_run() -> None:
    """Contenders with different counts end the run. One of them measures something else."""
    agree({"one": {"agents": 3, "states": 2}, "other": {"agents": 3, "logged in": 1}})
    with pytest.raises(RuntimeError, match="agents"):
        agree({"one": {"agents": 3}, "other": {"agents": 4}})
