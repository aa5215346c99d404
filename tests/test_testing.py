"""Emulated tenants for tests: with client, in a thread, as fixture."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
import yaml

from cxone_rollcall import Standing, check, connect
from cxone_rollcall.emulator.settings import MOMENT
from cxone_rollcall.findings.account import Account
from cxone_rollcall.testing import CxoneTenant, credentials_of, emulated, emulated_in_thread

ROOT = Path(__file__).parents[1]
# The plugin as a file, so that these tests need no new installation after a change of its entry point.
PLUGIN = ("-p", "no:cxone_rollcall", "-p", "cxone_rollcall.pytest_plugin", "-p", "no:cacheprovider")

INI = """[pytest]
addopts = --strict-markers --strict-config -W error
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
"""
CONTRACTS = ["v2", "incontact"]


async def checked(tenant: CxoneTenant) -> Account:
    """Return the account of a tenant that runs in a thread."""
    tenant_id = tenant.environment["CXONE_TENANT_ID"]
    async with connect(tenant.instance, credentials_of(tenant.emulator), tenant_id=tenant_id) as client:
        return await check(client)


def present(tenant: CxoneTenant) -> set[str]:
    """Return the ids of the agents who are logged in."""
    return {agent.agent_id for agent in tenant.agents if agent.standing == "present"}


@pytest.mark.parametrize("contract", CONTRACTS)
async def test_a_connected_client(contract: str) -> None:
    """`emulated` yields a client that sees the emulator's agents."""
    async with emulated(agents=30, contract=contract, faults=["latency=1"], seed=3) as (emulator, _, client):
        account = await check(client)
    assert [fault.name for fault in emulator.faults] == ["latency"]
    assert [entry.agent.agent_id for entry in account.roll.entries] == [one.agent_id for one in emulator.truth()]
    assert account.exit_code == 0


@pytest.mark.parametrize("contract", CONTRACTS)
async def test_in_a_thread(contract: str) -> None:
    """A tenant in a thread serves asynchronous code in this one. That code sees its agents."""
    with emulated_in_thread(agents=40, contract=contract) as tenant:
        account = await checked(tenant)
        assert set(account.roll.ids(Standing.PRESENT)) == present(tenant)
        names = {entry.agent.agent_id: entry.agent.name for entry in account.roll.entries}
        assert names == {agent.agent_id: agent.name for agent in tenant.agents}


@pytest.mark.parametrize("contract", CONTRACTS)
def test_synchronous_code(contract: str, tmp_path: Path) -> None:
    """The environment of a tenant is all that a process needs."""
    with emulated_in_thread(agents=7, contract=contract) as tenant:
        command = [sys.executable, "-m", "cxone_rollcall", "check"]
        done = subprocess.run(command, env=tenant.environment, cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert f"Logged in {len(present(tenant))}:" in done.stdout.decode()


async def test_faults_add_up() -> None:
    """Faults add up while the tenant runs, until all are switched off."""
    with emulated_in_thread(agents=60) as tenant:
        tenant.fault("batch-cut", limit=20)
        tenant.fault("no-total")
        codes = {finding.code for finding in (await checked(tenant)).findings}
        assert "RC405" in codes
        assert [fault.name for fault in tenant.emulator.faults] == ["batch-cut", "no-total"]
        tenant.clear()
        assert (await checked(tenant)).exit_code == 0


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("batchcut", {}, "There is no fault 'batchcut'; did you mean batch-cut? Known faults: answer-stale, "),
        ("batch-cut", {"rows": 3}, "The fault batch-cut has no argument 'rows': it takes limit, how."),
        ("batch-cut", {"limit": 0}, "The argument limit of the fault batch-cut must be a whole number from 1 to "),
    ],
)
def test_unknown_faults(name: str, arguments: dict[str, object], words: str) -> None:
    """An unknown fault or argument is answered with the known ones."""
    with emulated_in_thread(agents=1) as tenant, pytest.raises(ValueError, match=re.escape(words)):
        tenant.fault(name, **arguments)


@pytest.mark.parametrize("contract", CONTRACTS)
async def test_the_clock(contract: str) -> None:
    """Agents change only when the clock is moved. The API agrees, and old tokens have expired."""
    with emulated_in_thread(agents=50, contract=contract) as tenant:
        tenant_id = tenant.environment["CXONE_TENANT_ID"]
        before = tenant.agents
        async with connect(tenant.instance, credentials_of(tenant.emulator), tenant_id=tenant_id) as client:
            assert set((await check(client)).roll.ids(Standing.PRESENT)) == present(tenant)
            assert (tenant.agents, tenant.clock.now) == (before, MOMENT)
            tenant.clock.advance(90 * 60)
            assert tenant.clock.now == MOMENT + timedelta(minutes=90)
            tenant.clock.set(datetime(2026, 3, 2, 13, tzinfo=UTC))
            assert tenant.clock.now == datetime(2026, 3, 2, 13, tzinfo=UTC)
            assert tenant.agents != before
            assert set((await check(client)).roll.ids(Standing.PRESENT)) == present(tenant)
        assert tenant.emulator.requests["token", "200"] == 2


def test_changes_after_the_clock_was_moved() -> None:
    """Agents that changed while the clock moved are in the delta."""
    with emulated_in_thread(agents=100, contract="incontact") as tenant:
        settings = tenant.emulator.settings
        key = {"grant_type": "password", "username": settings.access_key_id, "password": settings.access_key_secret}
        form = urlencode({**key, "client_id": settings.client_id, "client_secret": settings.client_secret})
        token = asked(f"{tenant.instance}/auth/token", form.encode())["access_token"]
        api = f"{tenant.instance}/incontactapi/services/v34.0/agents/states?top=100"
        before = {agent.agent_id: agent for agent in tenant.agents}
        polled = asked(api, token=token)["lastPollTime"]
        tenant.clock.advance(300)
        changed = asked(f"{api}&updatedSince={polled}", token=token)["agentStates"]
        now = {agent.agent_id: agent for agent in tenant.agents}
    assert {one for one in now if now[one].state != before[one].state} <= {str(row["agentId"]) for row in changed}
    assert 0 < len(changed) < 100


def asked(url: str, form: bytes | None = None, *, token: str = "") -> Any:
    """Return the JSON that a URL answers."""
    headers = {"Accept": "application/json", "Authorization": f"Bearer {token}"}
    request = Request(url, form, headers)  # noqa: S310
    with urlopen(request) as answer:  # noqa: S310  our own emulator, on loopback
        return json.load(answer)


def test_the_clock_goes_forward() -> None:
    """The clock refuses to go back, or without a time zone. It also refuses to move if it runs by itself."""
    with emulated_in_thread(agents=1) as tenant:
        for wrong in (-1.0, float("nan")):
            with pytest.raises(ValueError, match="The clock cannot go back"):
                tenant.clock.advance(wrong)
        with pytest.raises(ValueError, match=r"The clock cannot go back .* give the tenant an earlier `moment`"):
            tenant.clock.set(MOMENT - timedelta(seconds=1))
        with pytest.raises(ValueError, match="The moment needs a time zone"):
            tenant.clock.set(MOMENT.replace(tzinfo=None))
    with emulated_in_thread(agents=1, clock="running") as tenant, pytest.raises(ValueError, match="is running"):
        tenant.clock.advance(1)


def test_a_rate_limit_follows_the_real_time() -> None:
    """A rate limit follows real time, not the tenant's stopped clock."""
    seconds = 1_000.0
    with emulated_in_thread(agents=1, rate=1.0, now=lambda: seconds) as tenant:
        statuses = []
        for wait in (0, 0, 1):
            seconds += wait
            with pytest.raises(HTTPError) as refused:
                urlopen(f"{tenant.instance}/api/v2/agents")  # noqa: S310  our own emulator, on loopback
            statuses.append(refused.value.code)
            refused.value.close()
    assert statuses == [401, 429, 401]


def test_a_tenant_that_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenant that cannot start raises why, and leaves no thread."""
    with pytest.raises(ValueError, match="agents must be 0 or more"), emulated_in_thread(agents=-1):
        pass

    def running(*_: object) -> None:
        raise OSError("no port is free")

    monkeypatch.setattr("cxone_rollcall.emulator.Emulator.running", running)
    with pytest.raises(OSError, match="no port is free"), emulated_in_thread():
        pass


def test_the_fixture_serves_every_kind_of_test(pytester: pytest.Pytester) -> None:
    """The fixture serves synchronous and asynchronous tests. An ini option or a marker picks the contract."""
    pytester.makeini(f"{INI}cxone_contract = incontact")
    pytester.makepyfile(
        """
        import asyncio, threading, urllib.request
        import pytest

        def test_synchronous(cxone_tenant):
            assert "CXONE_ACCESS_KEY_ID" in cxone_tenant.environment
            assert len(cxone_tenant.agents) == 120
            with urllib.request.urlopen(cxone_tenant.instance + "/.well-known/openid-configuration") as answer:
                assert answer.status == 200

        async def test_asynchronous(cxone_tenant):
            test = asyncio.to_thread(test_synchronous, cxone_tenant)
            await test

        @pytest.mark.cxone_tenant(agents=3, contract="v2", faults=["no-total"])
        def test_marked(cxone_tenant):
            assert "CXONE_ACCESS_KEY_ID" not in cxone_tenant.environment
            assert [fault.name for fault in cxone_tenant.emulator.faults] == ["no-total"]
            assert len(cxone_tenant.agents) == 3

        def test_nothing_is_left():
            assert [one.name for one in threading.enumerate() if "tenant" in one.name] == []
        """
    )
    pytester.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=4)


def test_a_contract_that_there_is_not(pytester: pytest.Pytester) -> None:
    """A wrong ini option is an error in words."""
    pytester.makeini(f"{INI}cxone_contract = v3")
    pytester.makepyfile("def test_it(cxone_tenant): pass")
    result = pytester.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*cxone_contract must be v2 or incontact, not 'v3'*"])


def test_the_plugin_loads_nothing(pytester: pytest.Pytester) -> None:
    """Without the fixture, pytest loads only the plugin."""
    pytester.makeini(INI)
    pytester.makepyfile(
        """
        import sys

        def test_modules():
            ours = {name for name in sys.modules if name.startswith("cxone_rollcall")}
            assert ours == {"cxone_rollcall", "cxone_rollcall.version", "cxone_rollcall.pytest_plugin"}
            assert "aiohttp" not in sys.modules
        """
    )
    pytester.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=1)


def test_the_entry_point() -> None:
    """The package declares the plugin to pytest."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (plugin,) = project["entry-points"]["pytest11"].values()
    assert hasattr(import_module(plugin), "cxone_tenant")


PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
TITLED = dict(re.findall(r'```\w+ title="(.+?)"\n(.*?)```', PAGE, re.DOTALL))
"""The files that the page shows, by their names."""
WORKFLOW = ".github/workflows/on-duty.yml"


@pytest.mark.thorough  # each example is a run of pytest
def test_the_examples_of_the_page(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples in the documentation pass unchanged."""
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    fixture, unittest, _ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    pytester.makeini(INI)
    pytester.makepyfile(test_fixture=fixture, test_unittest=unittest)
    pytester.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=4)


def worked_examples(pytester: pytest.Pytester, script: str) -> pytest.RunResult:
    """Run the page's tests of its script, or of a worse one."""
    pytester.makeini(INI)
    for name in ("test_empty.py", "test_429.py", "test_expired_token.py"):
        (pytester.path / name).write_text(TITLED[name], encoding="utf-8")
    (pytester.path / "on_duty.py").write_text(script, encoding="utf-8")
    return pytester.runpytest_subprocess(*PLUGIN, "--import-mode=prepend")


@pytest.mark.thorough
def test_the_worked_examples(pytester: pytest.Pytester) -> None:
    """The script of the page passes its tests, both unchanged."""
    worked_examples(pytester, TITLED["on_duty.py"]).assert_outcomes(passed=4)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("place", "worse", "failing"),
    [
        ("if agents and not rows:", "if False:", "*test_an_empty_array_is_an_error*"),
        ("== 429:", "== 0:", "*test_a_429_is_waited_for*"),
        ("== 401:", "== 401 and not self.headers:", "*test_an_expired_token_is_renewed*"),
    ],
)
def test_the_worked_examples_notice(place: str, worse: str, failing: str, pytester: pytest.Pytester) -> None:
    """Each of the three tests fails for a script without its place."""
    assert place in TITLED["on_duty.py"]
    result = worked_examples(pytester, TITLED["on_duty.py"].replace(place, worse))
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines([f"FAILED {failing}"])


@pytest.mark.thorough
def test_the_workflow(tmp_path: Path, free_port: int) -> None:
    """The workflow's commands run as they stand, but for the port."""
    if os.name != "posix" or shutil.which("curl") is None:
        pytest.skip("it needs bash and curl, as on the runner that the workflow names")
    job = yaml.safe_load(TITLED[WORKFLOW].replace("8080", str(free_port)))["jobs"]["test"]
    (tmp_path / "on_duty.py").write_text(TITLED["on_duty.py"], encoding="utf-8")
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands[0].startswith("pip install ")  # what is installed here already
    # The runner runs each step in a shell like this, and ends what still runs at the end of the job.
    script = "trap 'kill %1; wait' EXIT\n" + "\n".join(commands[1:])
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        env={"PATH": path, **job["env"]},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "on_duty: not one state for 120 agents" in done.stderr


@pytest.fixture
def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port
