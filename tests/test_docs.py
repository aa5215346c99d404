"""The documentation is true and complete. What it shows was run, and what it names exists."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # its stubs are a library of their own
import pytest
from tests.support.thorough import sampled

import cxone_rollcall
from cxone_rollcall.cli.commands import COMMANDS
from cxone_rollcall.cli.main import run
from cxone_rollcall.config.definitions import SETTINGS
from cxone_rollcall.emulator import Emulator, EmulatorSettings
from cxone_rollcall.findings.account import EXIT_CODES
from cxone_rollcall.findings.catalogue import FINDINGS
from cxone_rollcall.findings.page import page_of
from cxone_rollcall.views.json import schema as written_schema

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md")))

USAGE, INTERRUPTED = 2, 130

NOT_TRIED = {"RC103": "it needs a server on this machine whose certificate is not trusted"}
"""Findings whose "Try it" is not run here, each with the reason."""


def page(name: str) -> str:
    """Return a page of the documentation."""
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, alone: None) -> None:
    """Run each test with no setting from outside, and without a proxy."""
    for proxy in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(proxy, raising=False)
        monkeypatch.delenv(proxy.upper(), raising=False)
    profiles = tmp_path / "config.toml"
    profiles.touch()
    monkeypatch.setenv("ROLLCALL_CONFIG", str(profiles))
    monkeypatch.chdir(tmp_path)


def set_tenant(monkeypatch: pytest.MonkeyPatch, emulator: Emulator, url: str) -> None:
    """Let the environment name this tenant."""
    for name, text in emulator.environment(url).items():
        monkeypatch.setenv(name, text)


def test_generated_parts_are_those_of_the_code() -> None:
    """What is generated in the documentation is what the code says now."""
    done = subprocess.run(
        [sys.executable, str(DOCS / "generate.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_commands_of_the_script_exist() -> None:
    """Each `python3 dev.py COMMAND` in pages exists, and is in the Makefile."""
    spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    dev = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(dev)
    named = {path.name: set(re.findall(r"python3 dev\.py (\w+)", path.read_text(encoding="utf-8"))) for path in PAGES}
    assert {name: unknown for name, commands in named.items() if (unknown := commands - dev.COMMANDS.keys())} == {}
    assert {"demo", "test"} <= named["README.md"]
    targets = re.search(r"^([a-z ]+):\n\t@python3 dev\.py \$@$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert targets is not None
    assert set(targets[1].split()) == dev.COMMANDS.keys()


@pytest.mark.parametrize("where", ["README.md", "docs/commands.md"])
def test_every_exit_code_is_documented(where: str) -> None:
    """Each exit code is in the table of exit codes."""
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", (ROOT / where).read_text(encoding="utf-8"), re.MULTILINE)}
    assert told == {*EXIT_CODES.values(), USAGE, INTERRUPTED}


def test_every_verdict_has_a_message() -> None:
    """Each verdict of the JSON has its exit code beside it."""
    for verdict, code in EXIT_CODES.items():
        assert f"| {code} | `{verdict}` |" in page("commands.md")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    """Each command is in the README and on the commands' page."""
    assert f"| `rollcall {command}" in README
    assert f"\n## rollcall {command}\n" in page("commands.md")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_documented(setting: Any) -> None:
    """Each setting is on its page, with its flag or "none"."""
    line = next(line for line in page("settings.md").splitlines() if line.startswith(f"| `{setting.variable}` |"))
    assert (f"`{setting.flag}`" in line) is setting.has_flag


def test_every_field_of_the_json_is_documented() -> None:
    """Each field of account, agent and finding is on the JSON page."""
    schema = json.loads((DOCS / "schema" / "check-1.json").read_bytes())
    told = page("json.md")
    fields = {field for document in schema["$defs"].values() for field in document.get("properties", ())}
    assert {"verdict", "agent_id", "evidence"} <= fields
    assert {field for field in fields if not re.search(rf'[`"]{field}[`"]', told)} == set()


def test_every_dependency_is_justified() -> None:
    """Each library of pyproject.toml is on the page of libraries."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    names = set(re.findall(r'^    "([a-z-]+)(?:>=[\d.]+)?",$', text, re.MULTILINE))
    assert {"aiohttp", "ruff"} <= names
    assert {name for name in names if name not in page("libraries.md")} == set()


def test_files_that_are_named_exist() -> None:
    """Each file that a page names in code exists. A bare name is one of the package."""
    named = re.compile(r"`((?:src|tests|docs|requirements|quality|deploy)/[\w./-]*\w/?|[\w-]+\.(?:py|toml|md))`")
    package = {path.name for path in (ROOT / "src").rglob("*.py")}
    yours = {"config.toml", "fleet.toml"}
    for path in PAGES:
        for name in set(named.findall(path.read_text(encoding="utf-8"))) - yours:
            assert name in package or (ROOT / name).exists(), f"{path.name} names {name}"


def test_links_of_the_readme_lead_somewhere() -> None:
    """Each link within the repository leads to a file that is there."""
    for text in (README, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", text):
            assert (ROOT / target).exists(), target


def examples() -> Iterator[Any]:
    """Yield every Python example of every page. Those for dlt are run in `test_warehouses.py`."""
    for path in PAGES:
        for number, code in enumerate(re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)):
            if "import dlt" in code:
                continue
            yield pytest.param(code, id=f"{path.stem}-{number + 1}")


@pytest.mark.parametrize("code", list(examples()))
async def test_examples_run(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python example runs as it stands, against an emulated tenant."""
    emulator = Emulator()
    try:
        async with emulator.running() as address:
            set_tenant(monkeypatch, emulator, address.url)
            printed = await asyncio.to_thread(_run_example, code)
    finally:  # an example logs all: later tests would keep that
        logging.getLogger("cxone_rollcall").setLevel(logging.NOTSET)
    assert "Traceback" not in printed
    if "print(" in code:
        assert re.search(r"\d", printed)


def _run_example(code: str) -> str:
    printed = StringIO()
    with redirect_stdout(printed):
        exec(compile(code, "example", "exec"), {"__name__": "__main__"})  # noqa: S102
    return printed.getvalue()


def test_names_of_the_api_are_documented() -> None:
    """Each public name is on the page of the Python API. The README imports only such names."""
    assert [name for name in cxone_rollcall.__all__ if f"| `{name}` |" not in page("python.md")] == []
    imported = re.findall(r"^from cxone_rollcall import (.+)$", README, re.MULTILINE)
    assert imported
    assert {name for line in imported for name in line.split(", ")} <= set(cxone_rollcall.__all__)


@pytest.mark.parametrize(
    ("fault", "exit_code"), [((), 0), (("--fault", "scope-missing"), 4), (("--fault", "poison-id"), 3)]
)
def test_json_follows_the_published_schema(
    fault: tuple[str, ...], exit_code: int, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The JSON of a healthy and a faulty run follows the schema."""
    assert run(["check", "--demo", *fault, "--format", "json"]) == exit_code
    published = (DOCS / "schema" / "check-1.json").read_bytes()
    assert published == written_schema()
    schema = json.loads(published)
    document = json.loads(capfdbinary.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema, jsonschema.Draft202012Validator)
    assert document["exit"] == exit_code


def tries() -> Iterator[Any]:
    """Yield each command under "Try it" with the code of its finding."""
    for finding in FINDINGS:
        *_, command = page_of(finding).commands
        if finding.code not in NOT_TRIED:
            yield pytest.param(finding.code, command, id=finding.code)


@pytest.mark.parametrize(("code", "command"), sampled(tries(), every=4))
async def test_try_it_leads_to_its_finding(
    code: str, command: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The command under "Try it" leads to its finding. It runs unchanged, with the settings of a healthy tenant."""
    words = shlex.split(command)
    emulator = Emulator(EmulatorSettings(agents=0)) if "--demo" in words else Emulator()  # the demo has its own
    async with emulator.running() as address:
        set_tenant(monkeypatch, emulator, address.url)
        while "=" in words[0]:
            name, _, value = words.pop(0).partition("=")
            monkeypatch.setenv(name, value)
        assert words.pop(0) == "rollcall"
        await asyncio.to_thread(run, words)
    assert code in capfd.readouterr().out


def test_exceptions_are_in_the_catalogue() -> None:
    """Only findings that exist are left out of the tries."""
    assert {finding.code for finding in FINDINGS} >= NOT_TRIED.keys()
