"""Fixtures: the files that are built."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]


class Built(NamedTuple):
    """The built files. `unpacked` is the sdist's folder, and the last wheel is built in it."""

    sdist: Path
    wheel: Path
    unpacked: Path
    wheel_of_the_sdist: Path


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return what `python3 dev.py build` builds. An installer's build of the sdist is beside it."""
    folder = tmp_path_factory.mktemp("dist")
    _build(ROOT, folder, "sdist", "wheel")
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    unpacked = folder / sdist.name.removesuffix(".tar.gz")
    _build(unpacked, folder / "again", "wheel")
    return Built(sdist, wheel, unpacked, folder / "again" / wheel.name)


def _build(checkout: Path, folder: Path, *targets: str) -> None:
    options = [option for target in targets for option in ("--target", target)]
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder), *options]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
