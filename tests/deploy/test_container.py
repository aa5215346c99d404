"""How the image is made, and its command outside of a container."""

from __future__ import annotations

import fnmatch
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from tests.conformance.environments import Environment
from tests.deploy.deployed import DEPLOY, ROOT, USER, container, instructions, last_stage, of_image, parsed
from tests.test_supply import PROJECT
from tests.transport.raw import free_port

from cxone_rollcall.cli.serve import TOKEN_VARIABLE
from cxone_rollcall.config.definitions import BY_VARIABLE, SECRETS

TOKEN = "a-token-of-the-tests"
ROLLCALL = [sys.executable, "-m", "cxone_rollcall"]


def test_instructions_are_read() -> None:
    """Comments are left out, and lines that go on are joined."""
    text = '# c\nFROM a AS b\nRUN one \\\n    && two\nCMD ["x"]\n'
    assert instructions(text) == [("FROM", "a AS b"), ("RUN", "one && two"), ("CMD", '["x"]')]


def test_the_image_is_pinned_and_small() -> None:
    """Both stages begin with the same slim image. The last one installs nothing."""
    bases = [text.partition(" ")[0] for name, text in container() if name == "FROM"]
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"docker\.io/library/python:3\.1[1-4]-slim-[a-z]+", bases[0])
    assert "RUN" not in last_stage()


def test_only_what_is_locked_is_installed() -> None:
    """What comes from an index has its hash. Our wheel needs no index."""
    runs = [part for name, text in container() if name == "RUN" for part in text.split(" && ") if " install " in part]
    from_pip = [run for run in runs if "pip" in run.split()[0]]
    assert len(from_pip) == 3
    for run in from_pip:
        assert "--no-cache-dir" in run
        locked = "--require-hashes --only-binary :all: --requirement requirements/" in run
        assert locked != ("--no-index --no-deps /wheel/*.whl" in run)


def test_it_is_nobody_and_writes_in_one_folder() -> None:
    """The image runs as a number that is not root. Its home and its data are the one volume."""
    image = last_stage()
    assert image["USER"] == f"{USER}:{USER}"
    assert image["VOLUME"] == image["WORKDIR"] == "/var/lib/rollcall"
    variables = dict(pair.split("=", 1) for pair in image["ENV"].split())
    assert variables["HOME"] == variables["XDG_DATA_HOME"] == image["VOLUME"]
    assert variables["PYTHONDONTWRITEBYTECODE"] == "1"
    assert not any(re.search(r"secret|token|password", text, re.IGNORECASE) for text in image["ENV"].split())
    copies = [text for name, text in container() if name == "COPY"]
    assert f"--from=build --chown={USER}:{USER} /data {image['VOLUME']}" in copies


def test_what_is_copied_is_there() -> None:
    """The build sees few files, all of them there. Nothing else of a checkout can get into a layer."""
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    assert let_in == {"LICENSE", "README.md", "pyproject.toml", "requirements", "src"}
    assert all((ROOT / name).exists() for name in let_in)
    for name, text in container():
        if name == "COPY" and not text.startswith("--from"):
            *sources, _ = text.split()
            for source in sources:
                assert (ROOT / source).exists()
                assert source == "." or any(fnmatch.fnmatch(source, f"{one}*") for one in let_in)


def test_its_label_names_the_repository() -> None:
    """The label of the source is the address of the project."""
    assert f'org.opencontainers.image.source="{PROJECT["project"]["urls"]["Repository"]}"' in last_stage()["LABEL"]


def test_the_command_line_takes_its_command() -> None:
    """The image's command exists. It listens where the image asks for its health."""
    assert of_image("ENTRYPOINT") == ["rollcall"]
    given = parsed(of_image("CMD")).params
    port = last_stage()["EXPOSE"]
    assert given["listen"] == f"0.0.0.0:{port}"
    assert f"'127.0.0.1', {port}," in of_image("HEALTHCHECK")[-1]
    assert last_stage()["STOPSIGNAL"] == "SIGTERM"


def test_the_page_shows_commands_that_exist() -> None:
    """Each `docker run` of the page ends with a command that rollcall takes. Its variables are known."""
    page = (ROOT / "docs" / "deploy.md").read_text().replace("\\\n", " ")
    runs = [shlex.split(line) for line in page.splitlines() if line.startswith("docker run ")]
    assert len(runs) == 2
    for words in runs:
        parsed(words[words.index("rollcall") + 1 :])
        given = {word.partition("=")[0] for option, word in pairwise(words) if option == "--env"}
        assert given <= {*BY_VARIABLE, f"{TOKEN_VARIABLE}_FILE", *(setting.file_variable for setting in SECRETS)}


CONFINED = (
    *("unshare", "--mount", "sh", "-ec"),
    'mount --make-rprivate /; mount --bind "$0" "$0"; mount -o remount,bind,ro /; exec setpriv "$@"',
)
"""Runs a command where one folder can be written to. It needs root."""
POWERLESS = ("--no-new-privs", "--inh-caps=-all", "--bounding-set=-all")
"""No capability, and none to gain. Root without them is a user like others."""


@contextmanager
def contained(words: list[str], data: Path, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """Run rollcall as the container does. It may write to `data` alone, and has no capability.

    Without root it runs as the user of the tests, who may write elsewhere too. At the end it gets SIGTERM, and must end
    with 0.
    """
    confined = [*CONFINED, str(data), *POWERLESS] if can_be_confined() else []
    process = subprocess.Popen(
        [*confined, *ROLLCALL, *words],
        env={"PATH": os.environ["PATH"], "HOME": str(data), "XDG_DATA_HOME": str(data), **environ},
        cwd=data,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()


@cache
def can_be_confined() -> bool:
    """Whether this is root on a Linux that lets it mount."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    probe = [*CONFINED, "/tmp", *POWERLESS, "true"]  # noqa: S108  nothing is written
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_be_confined(), reason="only root can confine a process")
def test_the_confinement_confines(tmp_path: Path) -> None:
    """A confined process can write to its folder, and nowhere else."""
    script = 'touch "$0/within"; for one in /tmp/x "$0/../beside" /etc/x; do ! touch "$one" 2>&1 || exit 1; done'
    data = tmp_path / "data"
    data.mkdir()
    subprocess.run([*CONFINED, str(data), *POWERLESS, "sh", "-ec", script, str(data)], check=True, capture_output=True)
    assert [path.name for path in data.iterdir()] == ["within"]


def line_of(process: subprocess.Popen[str], wanted: str) -> str:
    """Return the first line of stderr with this text."""
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        if wanted in line:
            return line
        lines.append(line)
    raise AssertionError("".join(lines))


def is_healthy(port: str) -> bool:
    """Whether the image's health check, asked of this port, succeeds."""
    _, *words = of_image("HEALTHCHECK")
    words = [word.replace(last_stage()["EXPOSE"], port) for word in words]
    return subprocess.run([sys.executable, *words], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="the container is a Linux")
def test_the_command_runs_as_the_image_runs_it(tmp_path: Path) -> None:
    """`serve` needs no file to write, is healthy, and ends on SIGTERM."""
    port = str(free_port())
    words = [word.replace(last_stage()["EXPOSE"], port) for word in of_image("CMD")]
    assert not is_healthy(port)
    data = tmp_path / "data"
    data.mkdir()
    with contained([*words, "--demo"], data, ROLLCALL_SERVE_TOKEN=TOKEN) as process:
        assert f"http://0.0.0.0:{port}/" in line_of(process, "serving")
        assert is_healthy(port)
    assert list(data.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="the container is a Linux")
def test_without_a_token_it_says_what_to_set(tmp_path: Path) -> None:
    """A container without a token does not start, and names the variable."""
    done = subprocess.run(
        [*ROLLCALL, *of_image("CMD"), "--demo"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "ROLLCALL_SERVE_TOKEN" in done.stderr


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="hadolint is installed on Linux")
def test_hadolint_has_no_complaint(tools: Environment) -> None:
    """Hadolint finds nothing in the Containerfile."""
    command = [str(tools.command("hadolint")), str(DEPLOY / "Containerfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
