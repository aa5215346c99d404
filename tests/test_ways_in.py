"""The lines of each way in, run in an empty folder."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest
import yaml
from aiohttp import web
from mcp import Client, StdioServerParameters
from tests.transport.raw import free_port

from cxone_rollcall.emulator import Emulator

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "ways-in.md").read_text(encoding="utf-8")
WAYS = {
    way: tuple(line.strip("`") for line in lines.split("<br>"))
    for way, lines in re.findall(r"^\| (\w+) \| (`.+`) \| .*\|$", PAGE, re.MULTILINE)
}

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform == "win32", reason="the lines are those of a POSIX shell"),
]

PIP = """\
#!{python}
# Instead of installing it: is what the line names in the environment that the tests run in?
import re, sys
from importlib.metadata import version
assert sys.argv[1] == "install", sys.argv
for wanted in sys.argv[2:]:
    print(wanted, version(re.match(r"[\\w-]+", wanted)[0]))
"""
DOCKER = """\
#!{python}
# Instead of a container: the start command of the image, with the variables that the line gives it and no others.
import argparse, json, os, re, shutil, sys, tempfile
parser = argparse.ArgumentParser()
commands = parser.add_subparsers(dest="command", required=True)
build = commands.add_parser("build")
for option in ("--tag", "--file"):
    build.add_argument(option, required=True)
build.add_argument("context")
run = commands.add_parser("run")
for flag in ("--rm", "--read-only"):
    run.add_argument(flag, action="store_true")
run.add_argument("--env-file")
run.add_argument("image")
run.add_argument("arguments", nargs=argparse.REMAINDER)
given = parser.parse_args()
if given.command == "build":
    text = open(given.file).read()
    assert os.path.isdir(given.context)
    entrypoint = json.loads(re.findall(r"^ENTRYPOINT (.+)$", text, re.MULTILINE)[-1])
    json.dump(entrypoint, open(given.tag + ".image", "w"))
    sys.exit()
command = [*json.load(open(given.image + ".image")), *given.arguments]
lines = open(given.env_file).read().splitlines() if given.env_file else []
variables = dict(line.split("=", 1) for line in lines)
os.chdir(tempfile.mkdtemp(dir="."))
os.execve(shutil.which(command[0]), command, {{"PATH": os.environ["PATH"], "HOME": os.getcwd(), **variables}})
"""


class Ran(NamedTuple):
    """What the lines printed, and the folder in which they ran."""

    printed: str
    folder: Path


def prepared(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of the lines. Their folder gets what a checkout has."""
    for name in ("docs", "deploy"):
        if (ROOT / name).exists():
            (folder / name).symlink_to(ROOT / name)
    tools = folder / "tools"
    tools.mkdir()
    for name, text in {"pip": PIP, "docker": DOCKER}.items():
        (tools / name).write_text(text.format(python=sys.executable), encoding="utf-8")
        (tools / name).chmod(0o755)
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8")
    (folder / ".env").chmod(0o600)
    path = os.pathsep.join((str(tools), str(Path(sys.executable).parent), os.environ["PATH"]))
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("CXONE_")},
        "PATH": path,
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_DATA_HOME": str(folder / "data"),
        "DLT_DATA_DIR": str(folder / "dlt"),
        "NO_PROXY": "127.0.0.1,localhost",
    }


def shell(lines: Sequence[str], folder: Path, environment: Mapping[str, str], *, until: str = "") -> str:
    """Run lines in bash, and return what they print. They end by themselves, or once they have printed `until`."""
    command = ["bash", "-c", "\n".join(("set -euo pipefail", *lines))]
    printed: list[str] = []
    with subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # so that what runs in the background can be ended, too
    ) as process:
        assert process.stdout is not None
        output = process.stdout

        def read() -> None:
            for line in output:
                printed.append(line)
                if until and until in line:
                    os.killpg(process.pid, signal.SIGTERM)

        reader = Thread(target=read)
        reader.start()
        process.wait()
        with suppress(ProcessLookupError):  # nothing runs in the background
            os.killpg(process.pid, signal.SIGTERM)
        reader.join()
        if not until:
            assert process.returncode == 0, "".join(printed)
    return "".join(printed)


async def way(name: str, folder: Path, *, until: str = "", replaced: Mapping[str, str] | None = None) -> Ran:
    """Run the lines of a way against an emulated tenant. Port 8080 becomes one that is free."""
    emulator = Emulator()
    async with emulator.running() as address:
        environment = prepared(folder, emulator.environment(address.url))
        lines = WAYS[name]
        for old, new in {"8080": str(free_port()), **(replaced or {})}.items():
            lines = tuple(line.replace(old, new) for line in lines)
        return Ran(await asyncio.to_thread(shell, lines, folder, environment, until=until), folder)


def test_every_way_has_its_lines() -> None:
    """The table has each way once, with three lines at most."""
    assert {
        "Command",
        "Library",
        "pytest",
        "Container",
        "Prometheus",
        "Singer",
        "dlt",
        "Parquet",
        "MCP",
        "Webhook",
        "CI",
    } == WAYS.keys()
    assert {name: len(lines) for name, lines in WAYS.items() if len(lines) != 3} == {}


async def test_command(tmp_path: Path) -> None:
    """The demo and the tenant of the settings answer. The states are listed."""
    ran = await way("Command", tmp_path)
    assert ran.printed.count("81 of 120 agents logged in") == 2
    assert "Kavya Al-Sayed" in ran.printed


async def test_library(tmp_path: Path) -> None:
    """The lines of Python print the verdict."""
    emulator = Emulator()
    async with emulator.running() as address:
        environment = prepared(tmp_path, emulator.environment(address.url))
        (tmp_path / "ours.py").write_text("\n".join(WAYS["Library"]), encoding="utf-8")
        printed = await asyncio.to_thread(shell, ["python3 ours.py"], tmp_path, environment)
    assert printed.startswith("complete {'roster': 120,")


async def test_pytest(tmp_path: Path) -> None:
    """The fixture is there, and the test passes. Outside of the checkout, whose own options pytest would take."""
    ran = await way("pytest", tmp_path, replaced={"/tmp": str(tmp_path)})  # noqa: S108  the page's own folder
    assert "1 passed" in ran.printed


async def test_container(tmp_path: Path) -> None:
    """The image's start command answers for the demo and for the tenant."""
    ran = await way("Container", tmp_path)
    assert ran.printed.count("81 of 120 agents logged in") == 2
    assert ran.printed.count("emulated tenant at") == 1


async def test_prometheus(tmp_path: Path) -> None:
    """The metrics are served, and the configuration is one of Prometheus."""
    ran = await way("Prometheus", tmp_path)
    assert "rollcall_build_info{" in ran.printed
    path = ran.folder / "prometheus.yml"
    (scrape,) = yaml.safe_load(path.read_text(encoding="utf-8"))["scrape_configs"]
    assert scrape["job_name"] == "rollcall"
    if promtool := shutil.which("promtool"):
        done = await asyncio.to_thread(subprocess.run, [promtool, "check", "config", str(path)], capture_output=True)
        assert done.returncode == 0, done.stderr


async def test_singer(tmp_path: Path) -> None:
    """A target has a line for each agent."""
    ran = await way("Singer", tmp_path)
    (loaded,) = ran.folder.glob("agent_states-*.jsonl")
    assert len(loaded.read_text(encoding="utf-8").splitlines()) == 120


async def test_dlt(tmp_path: Path) -> None:
    """The database shows the agents."""
    ran = await way("dlt", tmp_path)
    assert "('present', 81)" in ran.printed
    assert "120 rows" in ran.printed


async def test_parquet(tmp_path: Path) -> None:
    """The export has the day of the record."""
    ran = await way("Parquet", tmp_path)
    assert list((ran.folder / "days").glob("*.parquet"))


async def test_mcp(tmp_path: Path) -> None:
    """The configuration starts a server for the tenant of the folder."""
    emulator = Emulator()
    async with emulator.running() as address:
        environment = prepared(tmp_path, emulator.environment(address.url))
        await asyncio.to_thread(shell, WAYS["MCP"], tmp_path, environment)
        server = json.loads((tmp_path / ".mcp.json").read_text(encoding="utf-8"))["mcpServers"]["rollcall"]
        async with Client(StdioServerParameters(**server, env=environment, cwd=tmp_path)) as client:
            answer = (await client.call_tool("check", {})).structured_content
    assert answer["counts"]["present"] == 81


async def test_webhook(tmp_path: Path) -> None:
    """The place of the file takes the trial. The board runs with the alerts."""
    got: list[str] = []

    async def take(request: web.Request) -> web.Response:
        got.append(json.loads(await request.read())["type"])
        return web.Response()

    app = web.Application()
    app.router.add_post("/desk", take)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    replaced = {"https://hooks.example.com": f"http://127.0.0.1:{port}", "serve ": "serve --listen 127.0.0.1:0 "}
    ran = await way("Webhook", tmp_path, until="http://127.0.0.1:", replaced=replaced)
    await runner.cleanup()
    assert len(got) == 1
    assert "nobody available" in ran.printed


async def test_ci(tmp_path: Path) -> None:
    """The report for CI has no failure."""
    ran = await way("CI", tmp_path)
    report = (ran.folder / "rollcall.xml").read_text(encoding="utf-8")
    assert 'failures="0"' in report
