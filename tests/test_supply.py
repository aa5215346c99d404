"""Dependencies: few, each with its reason, and pinned with hashes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = {name: (ROOT / "requirements" / f"{name}.txt").read_text() for name in ("run", "dev")}
PIN = re.compile(
    r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)(?: *;[^\\\n]*)?((?: *\\\n +--hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE
)


def plain(name: str) -> str:
    """Return a library's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[;<>=!~]", name.strip(), maxsplit=1)[0]).lower()


def pinned(lock: str) -> dict[str, str]:
    """Return each library of a lock and its version."""
    return {plain(name): version for name, version, _ in PIN.findall(LOCKS[lock])}


EXTRAS = PROJECT["project"]["optional-dependencies"]
TO_RUN = {plain(one) for one in (*PROJECT["project"]["dependencies"], *EXTRAS["keyring"])}
TO_DEVELOP = {plain(one) for one in PROJECT["dependency-groups"]["dev"]}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_pinned_and_hashed(lock: str) -> None:
    """A lock has only exact versions, hashes and comments."""
    rest = PIN.sub("", LOCKS[lock])
    assert [line for line in rest.splitlines() if line.strip() and not line.lstrip().startswith("#")] == []
    assert "://" not in LOCKS[lock]
    assert len(pinned(lock)) > 10


def test_the_locks_hold_what_the_project_names() -> None:
    """Each requirement of `pyproject.toml` is in its lock. The version is allowed, and the locks agree."""
    run, dev = pinned("run"), pinned("dev")
    assert set(run) >= TO_RUN
    assert set(dev) >= TO_RUN | TO_DEVELOP
    assert {name: dev[name] for name in run} == run
    for requirement in (*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]):
        if least := re.search(r">=\s*([\d.]+)", requirement):
            ours = [int(part) for part in re.findall(r"\d+", dev[plain(requirement)])]
            assert ours >= [int(part) for part in least[1].split(".")], requirement


def test_each_locked_library_is_required() -> None:
    """Each locked library is required by the project or another library."""
    for lock, text in LOCKS.items():
        for part in re.split(r"\n(?=\S)", text):
            found = re.match(r"([A-Za-z0-9][\w.-]*)==", part)
            if found and plain(found[1]) not in TO_RUN | TO_DEVELOP:
                assert "# via" in part, (lock, found[1])


def test_each_library_has_its_reason() -> None:
    """`docs/libraries.md` lists exactly the project's libraries."""
    page = (ROOT / "docs" / "libraries.md").read_text()
    run, _, dev = page.partition("## To develop")
    run = run.partition("## What the less obvious code buys")[0]
    with_extras = TO_RUN | {plain(one) for extra in EXTRAS.values() for one in extra}
    for text, wanted in ((run, with_extras), (dev.partition("## The lock")[0], TO_DEVELOP)):
        rows = re.findall(r"^\| ([^|]+) \| ([^|]+)\|", text, re.MULTILINE)
        named = {plain(name) for names, reason in rows if reason.strip(" -") for name in names.split(",")}
        assert named - {"library"} == wanted


def test_how_to_report_is_documented() -> None:
    """`SECURITY.md` says how to report privately, without an invented address."""
    text = (ROOT / "SECURITY.md").read_text()
    assert "Report a vulnerability" in text
    assert "docs/security.md" in text
    assert not re.search(r"[\w.]+@[\w.]+", text)
