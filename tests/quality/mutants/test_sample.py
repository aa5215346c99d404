"""Which mutants there are, and which of them a seed draws."""

from __future__ import annotations

from pathlib import Path

import pytest
from quality.mutants.campaign import parts, sources
from quality.mutants.harmless import entry, load, reason
from quality.mutants.mutant import Mutant, changes, sample
from quality.mutants.trial import NOT_RUN, ROOT, in_order, mirror

FILE = "src/cxone_rollcall/part/module.py"
SOURCE = '''"""A module."""
from __future__ import annotations
LIMIT: int = 3
MOST = 100
def full(rows: list[str]) -> bool:
    """Whether there are enough rows."""
    if not rows:
        return False
    rows.sort()
    return len(rows) >= LIMIT and rows[0] != "a sentence of words"
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a checkout with one module."""
    path = tmp_path / FILE
    path.parent.mkdir(parents=True)
    path.write_text(SOURCE)
    return tmp_path


def test_each_kind_of_change(root: Path) -> None:
    """Conditions, constants, comparisons and calls are changed. Sentences, docstrings and annotations are not."""
    drawn = [mutant for one in changes(root, FILE) if (mutant := one.mutant())]
    new = {mutant.new for mutant in drawn}
    assert {"LIMIT: int = 4", "if (not rows) and False:", "if rows:", "return True", "pass"} <= new
    assert 'return len(rows) > LIMIT and rows[0] != "a sentence of words"' in new
    assert not any("MOST" in one and "None" not in one for one in new)
    assert all('"""' not in mutant.old and "XX" not in mutant.new for mutant in drawn)
    assert all(mutant.before == SOURCE != mutant.after for mutant in drawn)


def test_a_seed_draws_the_same_lines(root: Path) -> None:
    """A seed gives the same mutants again, each of another line. There are no more than lines."""
    first = list(sample(root, [FILE], 99, seed=4))
    assert first == list(sample(root, [FILE], 99, seed=4))
    assert first != list(sample(root, [FILE], 99, seed=5))
    assert len({mutant.old for mutant in first}) == len(first) == 6
    assert len(list(sample(root, [FILE], 2, seed=4))) == 2


def test_a_harmless_mutant_is_found_again(root: Path, tmp_path: Path) -> None:
    """A harmless mutant is known by its text, also on another line. No other mutant is."""
    one, other, *_ = sample(root, [FILE], 9, seed=1)
    kept = tmp_path / "harmless.toml"
    kept.write_text(entry(one).replace('reason = ""', 'reason = "the caller sorts anyway"'))
    (root / FILE).write_text(SOURCE.replace("LIMIT: int", "# A comment.\nLIMIT: int"))
    again = [mutant for change in changes(root, FILE) if (mutant := change.mutant()) and reason(mutant, load(kept))]
    assert [(mutant.old, mutant.new) for mutant in again] == [(one.old, one.new)]
    assert reason(other, load(kept)) == ""


def test_the_world_of_the_tests_is_not_mutated() -> None:
    """Mutants are drawn from all packages but the emulator. Packages can be named instead."""
    parts = {Path(file).parts[2] for file in sources(ROOT, [])}
    assert {"roll", "why", "diagnose.py"} <= parts
    assert parts.isdisjoint({"emulator", "testing.py"})
    assert {Path(file).parts[2] for file in sources(ROOT, ["why", "diagnose"])} == {"why", "diagnose.py"}


def test_the_tests_of_a_file_run_first() -> None:
    """Of a line's tests, those that mirror its file come first."""
    running = {"tests/a.py::test_b", "tests/why/test_answer.py::test_c", ""}
    assert in_order("src/cxone_rollcall/why/answer.py", running) == sorted(running - {""}, reverse=True)
    assert mirror("src/cxone_rollcall/testing.py") == Path("tests/test_testing.py")


def test_each_file_of_tests_is_measured_once() -> None:
    """The parts have each file of tests that is run once."""
    first, second = parts(ROOT, 2)
    assert abs(len(first) - len(second)) <= 1
    assert len({*first, *second}) == len(first) + len(second)
    assert {"tests/why/test_answer.py", "tests/quality/strikes/test_sample.py"} <= {*first, *second}
    assert not any(file.startswith(NOT_RUN) for file in (*first, *second))


def test_the_changed_lines_are_known() -> None:
    """A mutant knows the lines that it changes, counted from 1."""
    assert Mutant(FILE, "number", "a = 1\nb = 2\n", "a = 1\nb = 3\n").lines == [2]
    assert Mutant(FILE, "call", "f(\n  1,\n)\nx = 1\n", "pass\nx = 1\n").lines == [1, 2, 3]


def test_harmless_mutants_are_of_lines_that_exist() -> None:
    """Each harmless mutant has a reason. Its lines are still in its file."""
    for one in load():
        lines = {line.strip() for line in (ROOT / one.file).read_text(encoding="utf-8").splitlines()}
        assert one.reason, one
        assert set(one.old.splitlines()) <= lines, one
