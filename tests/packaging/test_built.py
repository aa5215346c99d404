"""The sdist and the wheel are complete, reproducible, and run alone."""

from __future__ import annotations

import faulthandler
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from quality import sbom
from tests.conformance.environments import Environment
from tests.packaging.conftest import ROOT, Built
from tests.test_supply import PROJECT

from cxone_rollcall.version import __version__

pytestmark = pytest.mark.thorough

ADDRESS = PROJECT["project"]["urls"]["Repository"]
OUT_OF_THE_SDIST = ("test_docs.py", "test_prose.py", "test_architecture.py", "config", "model", "deploy")
"""What is run in an unpacked sdist. It is the pages, the rules, and tests of some folders."""


def metadata(wheel: Path) -> Message:
    """Return the metadata of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(archive.read(name))


def test_the_sdist_has_every_file(built: Built) -> None:
    """The sdist has exactly the files of the repository."""
    if not (ROOT / ".git").exists():
        pytest.skip("no git repository, as in an sdist")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    with tarfile.open(built.sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    assert names == {*listed.splitlines(), "PKG-INFO"}


def test_the_wheel_of_the_sdist_is_that_of_the_checkout(built: Built) -> None:
    """A build from the sdist has the same bytes."""
    assert built.wheel_of_the_sdist.read_bytes() == built.wheel.read_bytes()


def test_links_of_the_index_are_absolute(built: Built) -> None:
    """On the index, each link leads to a file of this version."""
    text = metadata(built.wheel).get_payload()
    assert isinstance(text, str)
    targets = re.findall(r"\]\(([^)]+)\)", text)
    ours = [target for target in targets if target.startswith(ADDRESS)]
    assert len(ours) > 30
    assert [target for target in targets if not re.match(r"https?://|#", target)] == []
    for target in ours:
        kind, version, path = target.removeprefix(f"{ADDRESS}/").split("/", 2)
        assert (kind, version) == ("raw" if path.endswith(".png") else "blob", f"v{__version__}")
        assert (ROOT / path.partition("#")[0]).is_file(), target


def test_the_wheel_names_its_licence_and_its_libraries(built: Built) -> None:
    """The wheel has its SPDX expression, its licence and its SBOM."""
    told = metadata(built.wheel)
    assert (told["License-Expression"], told.get_all("License-File")) == ("MIT", ["LICENSE"])
    assert told["Version"] == __version__
    with zipfile.ZipFile(built.wheel) as archive:
        inside = {name.partition(".dist-info/")[2]: name for name in archive.namelist() if ".dist-info/" in name}
        assert archive.read(inside["licenses/LICENSE"]) == (ROOT / "LICENSE").read_bytes()
        assert archive.read(inside["sboms/sbom.cdx.json"]) == sbom.FILE.read_bytes()


def test_the_index_takes_both(built: Built, tools: Environment) -> None:
    """`twine check --strict` has no complaint. It renders the README as the index does."""
    command = [str(tools.command("twine")), "check", "--strict", str(built.sdist), str(built.wheel)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "run",
    [("uvx", "--from", "{wheel}"), ("pipx", "run", "--spec", "{wheel}")],
    ids=["uvx", "pipx"],
)
def test_it_runs_from_the_wheel_alone(run: tuple[str, ...], built: Built, tools: Environment, tmp_path: Path) -> None:
    """`uvx` and `pipx run` run the demo in an environment of their own."""
    name, *options = (word.format(wheel=built.wheel) for word in run)
    said = in_clean_environment([str(tools.command(name)), *options, "cxone-rollcall", "check", "--demo"], tmp_path)
    assert re.match(r"\d+ of 120 agents logged in; \d+ absent \(explained\)", said)


def in_clean_environment(command: list[str], home: Path) -> str:
    """Return what a command prints in a new home. It must succeed."""
    faulthandler.cancel_dump_traceback_later()  # it downloads
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("CXONE_", "ROLLCALL_", "PYTHON"))}
    kept.pop("VIRTUAL_ENV", None)
    made = {"HOME": str(home), "UV_CACHE_DIR": str(home / "uv"), "PIPX_HOME": str(home / "pipx")}
    made |= {"UV_PYTHON": sys.executable, "PIPX_DEFAULT_PYTHON": sys.executable}
    done = subprocess.run(command, env={**kept, **made}, cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_tests_pass_out_of_the_sdist(built: Built) -> None:
    """Tests pass in an unpacked sdist, on its own sources."""
    faulthandler.cancel_dump_traceback_later()  # some hundred tests
    tests = [f"tests/{name}" for name in OUT_OF_THE_SDIST]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-m",
        "not thorough",
        "-k",
        "not try_it",
        *tests,
    ]
    outside = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST")}
    sources = built.unpacked / "src"
    done = subprocess.run(
        command,
        env={**outside, "PYTHONPATH": str(sources)},
        cwd=built.unpacked,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
