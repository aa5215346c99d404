"""Parts that are measured again join results of the same machine only."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from quality.bench.__main__ import main
from quality.bench.plan import tiny
from quality.common.machine import describe
from tests.quality.bench.made import results


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"machine": "another, 64 cores"}, "another machine"), ({"Python": "CPython 2.7"}, "another Python")],
)
def test_results_of_another_machine_are_refused(changed: dict[str, str], words: str, tmp_path: Path) -> None:
    """Figures of two machines or versions never stand under one description."""
    path = tmp_path / "earlier.json"
    earlier = replace(results(tiny(10)), machine={**describe(), **changed})
    path.write_text(json.dumps(asdict(earlier)))
    with pytest.raises(SystemExit, match=words):
        main(["--again", "live", "--json", str(path)])


def test_without_earlier_results(tmp_path: Path) -> None:
    """Without earlier results there is nothing to join."""
    with pytest.raises(SystemExit, match="needs --json"):
        main(["--again", "live", "--json", str(tmp_path / "none.json")])
