"""The campaign, on a small checkout."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest
from quality.mutants.__main__ import main
from quality.mutants.contexts import AT_IMPORT
from quality.mutants.fork_server import ForkServer
from quality.mutants.forks import KILLED, SURVIVED
from quality.mutants.mutant import Mutant
from quality.mutants.trial import ROOT, Copy, Ended

PART = "src/cxone_rollcall/part/module.py"
FILES = {
    PART: "def full(rows: int) -> bool:\n    return rows > 3\ndef half(rows: int) -> bool:\n    return rows < 2\n"
    "def one(rows: int) -> bool:\n    return rows == 1\n",
    "src/cxone_rollcall/__init__.py": "",
    "src/cxone_rollcall/part/__init__.py": "",
    "src/cxone_rollcall/pytest_plugin.py": "",  # pytest loads it, wherever the package is
    "tests/part/test_module.py": "from cxone_rollcall.part.module import full\n"
    "def test_full() -> None:\n    assert [full(rows) for rows in range(9)] == [False] * 4 + [True] * 5\n",
    "tests/test_others.py": "def test_nothing() -> None:\n    pass\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-q -rs'\nmarkers = ['thorough']\n",
}
HARMLESS = f"""
[[harmless]]
file = '{PART}'
operator = 'swap_op'
old = 'return rows == 1'
new = 'return rows != 1'
reason = 'nobody calls it'

[[harmless]]
file = '{PART}'
operator = 'number'
old = 'return rows == 1'
new = 'return rows == 2'
reason = 'nobody calls it'
"""


def checkout(root: Path, **changed: str) -> None:
    """Write the checkout."""
    for name, text in {**FILES, **changed}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def content(root: Path) -> dict[str, bytes]:
    """Return the files of a folder."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.thorough
def test_a_survivor_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mutant that no test notices is printed.

    One that a test notices is killed, a harmless one is not run; the checkout stays.
    """
    root, harmless = tmp_path / "checkout", tmp_path / "harmless.toml"
    checkout(root)
    before = content(root)
    harmless.write_text(HARMLESS)
    code = main(["--root", str(root), "--harmless", str(harmless), "--number", "9", "--seed", "3", "--at-once", "1"])
    out = capsys.readouterr().out
    assert code == 1
    assert out.count("survived:") == 1
    assert "-    return rows < 2" in out
    assert "1 killed (0 by a time limit), 1 survived, 1 harmless, 0 rejected by mypy; 50.0% killed" in out
    assert content(root) == before


@pytest.mark.thorough
def test_each_line_knows_its_tests(tmp_path: Path) -> None:
    """Coverage notes which tests, or the import, run a line.

    The files of tests that start processes are noted too.
    """
    starting = "import subprocess, sys\ndef test_start() -> None:\n    subprocess.run([sys.executable, '-c', ''])\n"
    checkout(tmp_path / "checkout", **{"tests/test_others.py": starting})
    with closing(Copy(tmp_path / "checkout", tmp_path / "copy")) as copy:
        copy.measure(["tests"])
        tests = copy.tests_by_line(PART)
        starters = copy.files_that_start_processes()
    assert (tests[1], tests[2], 4 in tests) == ({AT_IMPORT}, {"tests/part/test_module.py::test_full"}, False)
    assert starters == ["tests/test_others.py"]


class Complaining(Copy):
    """A copy with given answers of mypy."""

    def __init__(self, root: Path, folder: Path, complaints: list[str | None]) -> None:
        super().__init__(root, folder)
        self.complaints = complaints
        self.ended = 0

    def _mypy(self, limit: float | None) -> str | None:
        return self.complaints.pop(0)

    def _stop_daemon(self) -> None:
        self.ended += 1


@pytest.mark.parametrize(("kept", "ended"), [("module.py:2: error: of another mutant", 1), (None, 0)])
def test_an_error_that_mypy_keeps(kept: str | None, ended: int, tmp_path: Path) -> None:
    """A daemon that complains of the restored source is ended."""
    checkout(tmp_path / "checkout")
    mutant = Mutant(PART, "swap_op", FILES[PART], FILES[PART].replace("> 3", "> None"))
    with closing(Complaining(tmp_path / "checkout", tmp_path / "copy", ["module.py:2: error: no", kept])) as copy:
        assert copy.try_out(mutant, (), (), 9.0) is Ended.MISTYPED
        assert (copy.complaints, copy.ended) == ([], ended)


def test_a_crash_of_mypy_rejects_nothing(tmp_path: Path) -> None:
    """A mutant is rejected only for an error. If mypy crashes, the tests decide."""
    checkout(tmp_path / "checkout")
    mutant = Mutant(PART, "swap_op", FILES[PART], FILES[PART].replace("> 3", ">= 3"))
    crash = "Daemon crashed!"
    with closing(Complaining(tmp_path / "checkout", tmp_path / "copy", [crash, crash])) as copy:
        assert copy.try_out(mutant, ["tests/part/test_module.py::test_full"], (), 60.0) is Ended.KILLED
        assert copy.ended == 1


STREAMS = """
import sys

WHEN_COLLECTED = sys.stderr

def test_hand_on():
    assert WHEN_COLLECTED.fileno() > 0  # as the stream of another process

def test_leave(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", None)  # undone after capsys has closed its stream

def test_print():
    print("said")
"""


def test_a_change_of_nothing_survives(tmp_path: Path) -> None:
    """The streams of a fork are those that pytest has. One that a test leaves closed fails no other test."""
    checkout(tmp_path / "checkout", **{"tests/test_others.py": STREAMS})
    nothing = Mutant(PART, "nothing", FILES[PART], FILES[PART])
    with closing(Complaining(tmp_path / "checkout", tmp_path / "copy", [None, None])) as copy:
        assert copy.try_out(nothing, ["tests/test_others.py"], (), 60.0) is Ended.SURVIVED


@pytest.mark.thorough
def test_thorough_tests_of_the_package_notice_too(tmp_path: Path) -> None:
    """What quick tests miss, a thorough one of the same package notices."""
    thorough = FILES["tests/part/test_module.py"].replace("def test", "import pytest\n@pytest.mark.thorough\ndef test")
    changed = Mutant(PART, "swap_op", FILES[PART], FILES[PART].replace("> 3", ">= 3"))
    places = {"tests/part/test_module.py": Ended.KILLED, "tests/test_module.py": Ended.SURVIVED}
    for place, ended in places.items():
        root = tmp_path / place
        checkout(root, **{"tests/part/test_module.py": "", place: thorough})
        with closing(Copy(root, tmp_path / f"copy of {ended.value}")) as copy:
            assert copy.try_out(changed, [], [], 60.0) is ended


@pytest.mark.thorough
def test_a_loop_is_ended(tmp_path: Path) -> None:
    """A mutant that loops is killed by a time limit."""
    limited = f"{FILES['pyproject.toml']}faulthandler_timeout = 1\nfaulthandler_exit_on_timeout = true\n"
    checkout(tmp_path / "checkout", **{"pyproject.toml": limited})
    loops = FILES[PART].replace("return rows > 3", "while True:\n        rows += 1")
    with closing(Copy(tmp_path / "checkout", tmp_path / "copy")) as copy:
        running = ["tests/part/test_module.py::test_full"]
        ended = copy.try_out(Mutant(PART, "condition", FILES[PART], loops), running, [], 60.0)
    assert ended is Ended.NO_END


@pytest.mark.thorough
def test_what_ends_the_tests_is_noticed(tmp_path: Path) -> None:
    """A mutant that interrupts the tests is killed. The next one is tried without it."""
    checkout(tmp_path / "checkout")
    running = ["tests/part/test_module.py::test_full"]
    with closing(Copy(tmp_path / "checkout", tmp_path / "copy")) as copy:
        for stops in ("raise KeyboardInterrupt", "raise SystemExit"):
            after = FILES[PART].replace("return rows > 3", stops)
            assert copy.try_out(Mutant(PART, "condition", FILES[PART], after), running, [], 60.0) is Ended.KILLED
        moved = Mutant(PART, "number", FILES[PART], f"{FILES[PART]}# the end\n")
        assert copy.try_out(moved, running, [], 60.0) is Ended.SURVIVED


@pytest.mark.thorough
def test_what_runs_at_the_import_is_tried_too(tmp_path: Path) -> None:
    """A changed constant is noticed, though no test runs its line."""
    source = "MOST = 3\ndef full(rows: int) -> bool:\n    return rows > MOST\n"
    checkout(tmp_path / "checkout", **{PART: source})
    with closing(Copy(tmp_path / "checkout", tmp_path / "copy")) as copy:
        changed = Mutant(PART, "number", source, source.replace("= 3", "= 4"))
        assert copy.try_out(changed, [AT_IMPORT], [], 60.0) is Ended.KILLED
        unseen = Mutant(PART, "number", source, f"{source}OTHER = 1\n")
        assert copy.try_out(unseen, [AT_IMPORT], [], 60.0) is Ended.SURVIVED


@pytest.mark.thorough
def test_a_red_suite_ends_the_campaign(tmp_path: Path) -> None:
    """If a test fails without a mutant, nothing is called killed. The test's output is shown instead."""
    checkout(tmp_path, **{"tests/test_others.py": "def test_something() -> None:\n    assert not 'red'\n"})
    with pytest.raises(RuntimeError, match="assert not 'red'"):
        main(["--root", str(tmp_path), "--number", "1", "--at-once", "1"])


@pytest.mark.thorough
def test_a_test_that_fails_once(tmp_path: Path) -> None:
    """A test may fail once, by chance. The lines of all tests are noted."""
    once = (
        "from pathlib import Path\n"
        "def test_once() -> None:\n    seen = Path('seen')\n    assert seen.exists(), seen.touch()\n"
    )
    checkout(tmp_path / "checkout", **{"tests/part/test_first.py": once})
    with closing(Copy(tmp_path / "checkout", tmp_path / "copy")) as copy:
        copy.measure(["tests"])
        assert copy.tests_by_line(PART)[2] == {"tests/part/test_module.py::test_full"}


@pytest.mark.thorough
def test_our_own_tests_run_in_forks() -> None:
    """Our own tests notice a change in a fork. Without a change they pass."""
    file = "src/cxone_rollcall/model/time_span.py"
    before = (ROOT / file).read_text(encoding="utf-8")
    tests = ["tests/model/test_time_span.py"]
    with closing(ForkServer(ROOT, ["pytest", "-p", "no:cacheprovider", *tests], dict(os.environ))) as server:
        assert server.ask(Mutant(file, "number", before, before.replace("60", "61")), tests, 60.0) == KILLED
        for some in (tests, []):
            assert server.ask(Mutant(file, "number", before, f"{before}\n"), some, 60.0) == SURVIVED
