"""Every fault of the emulator leads the real command, over a real socket, to its code, and the healthy one to none."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from rollcall.cli import main
from rollcall.emulator import FAULTS, Emulator, EmulatorSettings, parse_fault
from rollcall.findings.base import Strength
from rollcall.findings.catalogue import FINDINGS, by_code
from rollcall.findings.page import page_of

if TYPE_CHECKING:
    from pathlib import Path

    from rollcall.emulator import Truth

PROVEN, SUSPECTED, NOTE = Strength.PROVEN, Strength.SUSPECTED, Strength.NOTE
COMPLETE, MEND, CANNOT_TELL, REFUSED, NOT_REACHED = 0, 1, 3, 4, 5

BENIGN = {
    "RC601": "in each tenant somebody is off shift",
    "RC602": "in each tenant somebody has left",
    "RC603": "in each tenant somebody is new",
    "RC604": "somebody may log in at any time",
}
"""What is named in a healthy tenant too."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One fault, the code that it leads to and how sure that is, and the exit code.

    `beside` are other codes above NOTE that this fault leads to, each with the reason why that is right.
    """

    fault: str
    code: str
    strength: Strength
    exit: int
    beside: dict[str, str] = field(default_factory=dict)
    agents: int = 120
    seed: int = 1

    @property
    def name(self) -> str:
        """The fault without its arguments."""
        return self.fault.partition("=")[0]


def case(fault: str, code: str, strength: Strength, exit_code: int, **more: Any) -> Case:
    """Write a case as one line of a table."""
    return Case(fault=fault, code=code, strength=strength, exit=exit_code, **more)


NOBODY = {"RC605": "without a single row nobody can tell this from an empty office"}
STILL_SHORT = {"RC504": "two readings agree, and are one agent short of the server's own count"}

CASES = (
    case("reset", "RC102", PROVEN, NOT_REACHED),
    case("reset=how=close", "RC102", PROVEN, NOT_REACHED),
    case("reset=token", "RC102", PROVEN, NOT_REACHED),
    case("reset=agents", "RC102", PROVEN, NOT_REACHED),
    case("reset=states", "RC102", PROVEN, NOT_REACHED),
    case("reset-some", "RC512", PROVEN, CANNOT_TELL),
    case("hang", "RC106", PROVEN, NOT_REACHED),
    case("hang=states", "RC106", PROVEN, NOT_REACHED),
    case("slow-drip", "RC106", PROVEN, NOT_REACHED),
    case("html-page", "RC104", PROVEN, NOT_REACHED),
    case("html-page=labelled=json,at=states", "RC104", PROVEN, NOT_REACHED),
    case("html-page=labelled=json,at=agents", "RC104", PROVEN, NOT_REACHED),
    case("sign-in-redirect", "RC104", PROVEN, NOT_REACHED),
    case("sign-in-redirect=states", "RC104", PROVEN, NOT_REACHED),
    case("server-error", "RC105", PROVEN, NOT_REACHED),
    case("server-error=agents", "RC105", PROVEN, NOT_REACHED),
    case("server-error=states", "RC105", PROVEN, NOT_REACHED),
    case("server-error-some", "RC105", PROVEN, CANNOT_TELL),
    case("path-missing", "RC107", PROVEN, NOT_REACHED),
    case("path-missing=states", "RC107", SUSPECTED, NOT_REACHED),
    case("path-missing=any", "RC107", PROVEN, NOT_REACHED),
    case("other-contract", "RC108", PROVEN, NOT_REACHED),
    case("client-refused", "RC201", PROVEN, REFUSED),
    case("grant-refused", "RC202", PROVEN, REFUSED),
    case("grant-refused=none", "RC202", PROVEN, REFUSED),
    case("key-refused", "RC203", PROVEN, REFUSED),
    case("token-expires", "RC204", NOTE, COMPLETE),
    case("token-expires=1,times=3", "RC204", NOTE, COMPLETE),
    case("token-rejected", "RC205", PROVEN, REFUSED),
    case("foreign-tenant", "RC206", PROVEN, REFUSED),
    case("scope-missing", "RC301", PROVEN, REFUSED),
    case("scope-missing=agent:read", "RC301", PROVEN, REFUSED),
    case("scope-missing=readable=no", "RC301", SUSPECTED, REFUSED),
    case("forbidden", "RC302", PROVEN, REFUSED),
    case("forbidden=agents", "RC302", PROVEN, REFUSED),
    case("poison-id", "RC403", PROVEN, CANNOT_TELL),
    case("poison-id=how=400", "RC403", PROVEN, CANNOT_TELL),
    case("poison-id=how=404", "RC403", PROVEN, CANNOT_TELL),
    case("poison-id=agents=3", "RC403", PROVEN, CANNOT_TELL),
    case("too-many-ids", "RC404", NOTE, COMPLETE),
    case("too-many-ids=status=400", "RC404", NOTE, COMPLETE),
    case("too-many-ids=status=413", "RC404", NOTE, COMPLETE),
    case("too-many-ids=status=431", "RC404", NOTE, COMPLETE),
    case("too-many-ids=1", "RC404", NOTE, CANNOT_TELL),
    case("batch-cut", "RC405", NOTE, COMPLETE),
    case("batch-cut=how=ids", "RC405", NOTE, COMPLETE),
    case("batch-cut=2", "RC405", NOTE, COMPLETE),
    case("ids-ignored", "RC408", PROVEN, CANNOT_TELL),
    case("separator=encoded", "RC410", NOTE, COMPLETE),
    case("roster-empty", "RC501", SUSPECTED, CANNOT_TELL),
    case("roster-empty=absent", "RC501", SUSPECTED, CANNOT_TELL),
    case("roster-empty=204", "RC501", SUSPECTED, CANNOT_TELL),
    case("page-cap", "RC502", NOTE, COMPLETE),
    case("page-cap=offset=asked", "RC502", NOTE, COMPLETE),
    case("roster-shifts", "RC503", NOTE, COMPLETE),
    case("roster-shifts=total", "RC503", NOTE, COMPLETE),
    case("roster-shifts=heals=no", "RC503", NOTE, CANNOT_TELL, beside=STILL_SHORT),
    case("roster-short", "RC504", PROVEN, CANNOT_TELL),
    case("pages-from-zero", "RC505", NOTE, COMPLETE),
    case("rows-elsewhere", "RC506", NOTE, COMPLETE),
    case("rows-elsewhere=bare", "RC506", NOTE, COMPLETE),
    case("rows-elsewhere=resultSet", "RC506", NOTE, COMPLETE),
    case("body-cut", "RC507", PROVEN, CANNOT_TELL),
    case("body-cut=agents", "RC507", PROVEN, CANNOT_TELL),
    case("body-short", "RC507", PROVEN, CANNOT_TELL),
    case("body-garbled", "RC507", PROVEN, CANNOT_TELL),
    case("body-garbled=rows-null", "RC507", PROVEN, CANNOT_TELL),
    case("body-garbled=ids-missing", "RC507", PROVEN, CANNOT_TELL),
    case("body-garbled=ids-missing,at=agents", "RC507", PROVEN, CANNOT_TELL),
    case("state-unnamed", "RC508", NOTE, COMPLETE),
    case("state-unnamed=how=novel", "RC508", NOTE, COMPLETE),
    case("rows-contradict", "RC509", PROVEN, MEND),
    case("unasked-row", "RC510", NOTE, COMPLETE),
    case("unasked-row=colleague", "RC510", NOTE, COMPLETE),
    case("rate-limit=2", "RC511", NOTE, COMPLETE, agents=7),
    case("rate-limit=2,retry_after=date", "RC511", NOTE, COMPLETE, agents=7),
    case("rate-limit=4,retry_after=none", "RC511", NOTE, COMPLETE),
    case("rate-limit=4,retry_after=garbled", "RC511", NOTE, COMPLETE),
    case("rate-limit-forever", "RC511", PROVEN, CANNOT_TELL),
    case("rate-limit-forever=retry_after=absurd,at=agents", "RC511", PROVEN, CANNOT_TELL),
    case("rate-limit-forever=retry_after=absurd,at=token", "RC511", PROVEN, CANNOT_TELL),
    case("no-content", "RC513", NOTE, COMPLETE, agents=101, seed=4),  # the last batch is of one agent, who is off
    case("no-content=when=always", "RC513", NOTE, CANNOT_TELL, beside=NOBODY),
    case("login-race", "RC604", NOTE, COMPLETE),
    case("nobody-logged-in", "RC605", SUSPECTED, CANNOT_TELL),
    case("clock-skewed", "RC701", NOTE, COMPLETE),
    case("clock-skewed=-300", "RC701", NOTE, COMPLETE),
    case("answer-stale", "RC702", PROVEN, MEND),
)

ODD = ("connection-dropped", "hostile-names", "latency=1", "no-total", "token-plain")
"""Odd, and no fault: the account is that of a healthy tenant."""

SPARED = {"separator": "rollcall joins ids with literal commas to begin with"}
"""Faults that others meet and rollcall does not, for what it asks."""

WAITING: dict[str, str] = {}
"""Faults that wait for a finding which this version does not have, with its code: none at present."""

HIDES_ROSTER = {"roster-empty": "the roster names nobody and counts nobody"}
REWRITES_STATES = {
    "state-unnamed": "one row says another state, or none",
    "rows-contradict": "one agent has two rows, and which is true cannot be told",
}


@dataclass(frozen=True)
class Run:
    """What one run came to: the exit code, the document on stdout, and what was true of each agent."""

    exit: int
    document: dict[str, Any]
    truth: tuple[Truth, ...]

    @property
    def strengths(self) -> dict[str, set[str]]:
        """How sure the run was of each code that it named."""
        named: dict[str, set[str]] = {}
        for finding in self.document["findings"]:
            named.setdefault(finding["code"], set()).add(finding["strength"])
        return named

    @property
    def serious(self) -> set[str]:
        """The codes above NOTE that a healthy tenant does not have."""
        return {code for code, said in self.strengths.items() if said != {NOTE}} - set(BENIGN)


Check = Callable[..., Awaitable[Run]]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep this machine's settings out, and make the pauses between tries short; none of them is left out."""
    for name in [name for name in os.environ if name.startswith(("CXONE_", "ROLLCALL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rollcall.transport.pace._FIRST_WAIT", 0.01)
    monkeypatch.setattr("rollcall.transport.pace._FIRST_THROTTLE_WAIT", 0.05)


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Check:
    """Return what runs `rollcall check` against an emulated tenant, over a socket and by settings, as a user would."""

    async def checking(*faults: str, agents: int = 120, seed: int = 1) -> Run:
        emulator = Emulator(EmulatorSettings(agents=agents, seed=seed), map(parse_fault, faults))
        async with emulator.running() as address:
            monkeypatch.setenv("CXONE_INSTANCE", address.url)
            monkeypatch.setenv("CXONE_CLIENT_ID", emulator.credentials.client_id)
            monkeypatch.setenv("CXONE_CLIENT_SECRET", emulator.credentials.client_secret)
            monkeypatch.setenv("CXONE_TENANT_ID", emulator.tenant.tenant_id)
            monkeypatch.setenv("CXONE_REQUEST_TIMEOUT", "1")
            code = await asyncio.to_thread(main.run, ["check", "--format", "json"])
        out, err = capsysbinary.readouterr()
        assert out, err.decode()
        return Run(code, json.loads(out), emulator.truth())

    return checking


def hold(run: Run, *faults: str) -> None:
    """Assert what must hold whatever the faults: the account balances, and nobody is lost, invented or slandered."""
    document, names = run.document, {fault.partition("=")[0] for fault in faults}
    count, agents, truth = document["counts"], document["agents"], {one.agent_id: one for one in run.truth}
    standing = {agent["agent_id"]: agent["standing"] for agent in agents}
    assert document["exit"] == run.exit
    assert count["roster"] == len(agents) == len(standing)
    assert count["roster"] == count["present"] + count["logged_out"] + count["absent"] + count["unknown"]
    assert count["absent"] == count["explained"] + count["unexplained"]
    assert set(standing) <= set(truth)
    if document["roster_complete"] and names.isdisjoint(HIDES_ROSTER):
        assert set(standing) == set(truth)
    for agent in agents:
        true_state = truth[agent["agent_id"]].state
        if agent["standing"] == "present":
            assert true_state is not None
            assert agent["state"] == true_state or names & set(REWRITES_STATES)
        elif true_state is not None:
            assert agent["standing"] == "unknown"
    for finding in document["findings"]:
        assert finding["evidence"]
        assert set(finding["explains"]) <= set(standing)
        assert all(one["exchange"] <= document["requests"]["sent"] for one in finding["evidence"])
    assert [one for one in document["outcomes"] if one["ended"] == "crashed"] == []


@pytest.mark.parametrize("agents", [7, 120, 3000])
async def test_healthy_is_quiet(check: Check, agents: int) -> None:
    """A healthy tenant of any size is accounted for to the last agent, and nothing above NOTE is found in it."""
    run = await check(agents=agents)
    hold(run)
    assert run.exit == COMPLETE
    assert run.serious == set()
    assert run.document["counts"]["present"] == sum(one.standing == "present" for one in run.truth)
    assert run.document["counts"]["unknown"] == 0


@pytest.mark.parametrize("wanted", CASES, ids=[one.fault for one in CASES])
async def test_fault_leads_to_its_code(check: Check, wanted: Case) -> None:
    """A fault leads to its code, no less and no more sure than it can be, to its exit code, and to no other cause."""
    run = await check(wanted.fault, agents=wanted.agents, seed=wanted.seed)
    hold(run, wanted.fault)
    assert run.strengths.get(wanted.code) == {wanted.strength}
    assert run.exit == wanted.exit
    assert run.serious - {wanted.code} == set(wanted.beside)


@pytest.mark.parametrize("fault", [*ODD, *SPARED])
async def test_odd_is_no_fault(check: Check, fault: str) -> None:
    """What is odd and no fault, or no fault for us, changes nothing in the account."""
    run = await check(fault)
    hold(run, fault)
    assert run.exit == COMPLETE
    assert run.serious == set()


async def test_waiting_is_not_misnamed(check: Check) -> None:
    """A fault that no finding can name yet is not proven to be another one."""
    for fault in WAITING:
        run = await check(fault)
        hold(run, fault)
        assert {code for code in run.serious if PROVEN in run.strengths[code]} == set()


@pytest.mark.parametrize("fault", ["batch-cut=1", "batch-cut=1,how=ids", "too-many-ids=1,status=400"])
async def test_no_room_for_a_witness_is_no_absence(check: Check, fault: str) -> None:
    """A server that answers for one agent a request leaves no room for a witness, and makes nobody absent."""
    run = await check(fault)
    hold(run, fault)
    assert (run.exit, run.document["counts"]["absent"]) == (CANNOT_TELL, 0)


QUICK = [one.fault for one in CASES if one.name not in {"hang", "slow-drip", "rate-limit", "rate-limit-forever"}]


@pytest.mark.parametrize("seed", range(24))
async def test_faults_together(check: Check, seed: int) -> None:
    """Whatever faults are on together, the account balances and nobody is lost, invented or slandered."""
    lot = Random(seed)
    faults = lot.sample([*QUICK, *ODD], lot.choice([2, 2, 3]))
    run = await check(*faults, agents=lot.choice([1, 2, 7, 40, 101, 120, 250]), seed=seed)
    hold(run, *faults)


def test_every_fault_has_a_place() -> None:
    """Each fault of the emulator leads to its code here, waits for one by name, or is odd and no fault."""
    codes = {fault.name: fault.codes for fault in FAULTS}
    listed = {(one.name, one.code) for one in CASES}
    listed |= {(fault.partition("=")[0], code) for fault, code in WAITING.items()}
    assert listed == {(name, code) for name, several in codes.items() for code in several}
    assert {fault.partition("=")[0] for fault in ODD} == {name for name, several in codes.items() if not several}


def test_nobody_waits_for_what_is_there() -> None:
    """No fault is said to wait for a finding that this version has."""
    assert {fault: code for fault, code in WAITING.items() if by_code(code)} == {}


async def test_gone_is_unreachable(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], check: Check
) -> None:
    """Where nobody listens any more nobody is absent: the host is unreachable."""
    await check(agents=7)
    code = await asyncio.to_thread(main.run, ["check", "--format", "json"])
    document = json.loads(capsysbinary.readouterr().out)
    assert (code, [finding["code"] for finding in document["findings"]]) == (NOT_REACHED, ["RC102"])


NOT_IN_THE_DEMO = {
    "RC101": "needs a name that does not resolve",
    "RC103": "needs a server with a certificate",
    "RC206": "needs settings that pin a tenant",
    "RC901": "needs a defect of our own",
    "RC902": "needs a check that crashed",
}


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.code)
def test_page_can_be_tried(finding: Any, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """What a page says to try, on the demo's tenant, shows the very finding of that page."""
    (command,) = page_of(finding).commands
    if finding.code in NOT_IN_THE_DEMO:
        assert "--demo" not in command
        return
    program, *arguments = shlex.split(command)
    assert program == "rollcall"
    main.run([*arguments, "--format", "json"])
    out, err = capsysbinary.readouterr()
    assert out, err.decode()
    assert finding.code in {found["code"] for found in json.loads(out)["findings"]}
