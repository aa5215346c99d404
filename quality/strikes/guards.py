"""Removes one safeguard at a time from a copy of the sources. The strikes must notice."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from quality.common.parallel import CORES

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "src"
SAID_WRONG = "wrong: "
EMPTY = '{"entities": [], "agents": [], "agentStates": []}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A safeguard: its source text `old`, and `new`, which removes it.

    `kinds` are the strikes that must go wrong without it, at the requests of `tenant`.
    """

    name: str
    file: str
    old: str
    new: str
    kinds: tuple[str, ...]
    tenant: str = "v2"


def _status(status: str, name: str, kind: str) -> Guard:
    return Guard(
        name=name,
        file="contracts/decoding.py",
        old="    if 200 <= status < 300:\n        return\n",
        new=f"    if 200 <= status < 300 or {status}:\n        return\n",
        kinds=(kind,),
    )


GUARDS: tuple[Guard, ...] = (
    _status("status >= 500", "a 5xx is an error", "500"),
    _status("status == 429", "a 429 is an error", "429"),
    _status("status == 403", "a 403 is an error", "403"),
    _status("status == 404", "a 404 is an error", "404"),
    Guard(
        name="an HTML page is an error",
        file="contracts/decoding.py",
        old="    raise _not_json(body, error, quoted=quoted)\n",
        new=f'    if b"<" in body:\n        return {EMPTY}\n    raise _not_json(body, error, quoted=quoted)\n',
        kinds=("html-as-json",),
    ),
    Guard(
        name="damaged JSON is an error",
        file="contracts/decoding.py",
        old="    raise _not_json(body, error, quoted=quoted)\n",
        new=f"    return {EMPTY}\n",
        kinds=("cut-json",),
    ),
    Guard(
        name="an unreadable row is reported",
        file="contracts/envelope.py",
        old="    if unnamed:\n",
        new="    if unnamed < 0:\n",
        kinds=("half-of-null",),
    ),
    Guard(
        name="a repeated key makes a response damaged",
        file="contracts/decoding.py",
        old="    if members is not None and _stand",
        new="    if True or _stand",
        kinds=("two-states",),
    ),
    Guard(
        name="absence needs the row of another agent",
        file="roll/by_id/answer.py",
        old="        return self.fits and not self.complaint and bool(self.rows.keys() - {self.owner})\n",
        new="        return True\n",
        kinds=("204",),
    ),
    Guard(
        name="agents of a failed request are unknown, not absent",
        file="roll/by_id/batches.py",
        old="            self.ledger.fail(answer, agent_ids)\n",
        new="            self.ledger.mark_absent(agent_ids, answer.exchange)\n",
        kinds=("500",),
    ),
    Guard(
        name="a roster with a failed page is incomplete",
        file="roll/reconcile.py",
        old="    roster = ledger.roster\n",
        new="    roster = ledger.roster\n    return True\n",
        kinds=("500",),
    ),
    Guard(
        name="a roster without any content is incomplete",
        file="roll/reconcile.py",
        old='    if not roster.agents and "roster" in ledger.deviations.no_content:\n',
        new="    if roster.agents < 0:\n",
        kinds=("204",),
    ),
    Guard(
        name="a finding names the agents whom a failed list omits",
        file="roll/by_list/state_list.py",
        old="            ledger.fail(failure, unanswered)\n",
        new="            ledger.fail(failure)\n",
        kinds=("500",),
        tenant="incontact",
    ),
    Guard(
        name="a finding names the agents of an unconfirmed response",
        file="findings/failed_requests.py",
        old="    if left and not case.is_explained:\n",
        new="    if left and not left:\n",
        kinds=("204",),
    ),
    Guard(
        name="a run with unknown agents does not exit with 0",
        file="findings/account.py",
        old='        if count["unknown"] or count["unexplained"] or self.ended_early:',
        new='        if count["unexplained"] or self.ended_early:',
        kinds=("500",),
    ),
    Guard(
        name="redirects to another host are not followed",
        file="transport/http.py",
        old="                allow_redirects=False,\n",
        new="                allow_redirects=True,\n",
        kinds=("redirect-elsewhere",),
    ),
    Guard(
        name="the number of redirects is limited",
        file="client/sender.py",
        old="MOST_REDIRECTS = 3\n",
        new="MOST_REDIRECTS = 500\n",
        kinds=("redirect-chain",),
    ),
    Guard(
        name="echoed secrets are redacted",
        file="redaction/secrets.py",
        old="        for secret in self._forms:\n",
        new="        for secret in ():\n",
        kinds=("500-echo",),
    ),
)


@dataclass(frozen=True, slots=True)
class Missed:
    """A removed guard, and the first wrong run without it. It is "" if none was wrong."""

    guard: Guard
    wrong: str


def take_out_each() -> list[Missed]:
    """Remove each guard, and strike until a run is wrong. Each core takes one at a time."""
    with ThreadPoolExecutor(CORES) as threads:
        return list(threads.map(_take_out, GUARDS))


def _take_out(guard: Guard) -> Missed:
    with tempfile.TemporaryDirectory(prefix="rollcall-guard-") as folder:
        return Missed(guard, _first_wrong(guard, Path(folder)))


def without(guard: Guard) -> str:
    """Return the guard's file without it; ValueError unless `old` occurs exactly once."""
    text = (SOURCES / "cxone_rollcall" / guard.file).read_text(encoding="utf-8")
    if text.count(guard.old) != 1:
        raise ValueError(f"{guard.file} has the guard '{guard.name}' {text.count(guard.old)} times")
    return text.replace(guard.old, guard.new)


def _first_wrong(guard: Guard, folder: Path) -> str:
    sources = folder / "src"
    shutil.copytree(SOURCES, sources)  # with compiled files, which stay valid for all but one
    (sources / "cxone_rollcall" / guard.file).write_text(without(guard), encoding="utf-8")
    kinds = [option for kind in guard.kinds for option in ("--kind", kind)]
    done = subprocess.run(
        (sys.executable, "-m", "quality.strikes", "--first-wrong", "--at-once", "1", "--tenant", guard.tenant, *kinds),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(sources), "PYTHONDONTWRITEBYTECODE": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return next((line.removeprefix(SAID_WRONG) for line in done.stderr.splitlines() if line.startswith(SAID_WRONG)), "")
