"""Whole answers and tools, as in `whole.txt`. What a test of one field would miss is seen there.

After a change that is meant, delete the file and run this test, which writes it anew. Read the difference before you
commit it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from tests.findings.build import called, roster_of, situation
from tests.support.written import assert_as_written
from tests.views.test_whole import asked_why, expected, healthy, judged, refused, run, troubled
from tests.web.test_timeline_values import START, recorded

from cxone_rollcall.assistants.answers import Asked, check_answer, logged_in_answer, why_answer
from cxone_rollcall.assistants.problem import NotAnswered
from cxone_rollcall.assistants.texts import TenantTexts
from cxone_rollcall.assistants.today import read_today
from cxone_rollcall.assistants.tools import INSTRUCTIONS, TOOLS
from cxone_rollcall.findings.account import Account
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.views.json import encode

WRITTEN = Path(__file__).with_name("whole.txt")
HOUR = 3_600


def texts_of(agents: Iterable[Agent], *, names: bool) -> TenantTexts:
    """The texts of these agents. A word of the server is a secret."""
    return TenantTexts(agents, names=names, redact=lambda text: text.replace("Support", "***"))


def asked(account: Account, *, names: bool = False) -> Asked:
    """What an answer about this account is made from."""
    agents = [entry.agent for entry in account.roll.entries]
    return Asked(account=account, tenant="Acme", groups=Groups(), texts=texts_of(agents, names=names))


def hidden() -> Account:
    """Nobody of a team is seen, and the roster is not whole."""
    teams = {"a": {"team": "Sales"}, "b": {"team": "Billing"}}
    everybody = called("a", absent="bc", complete=False, a=teams["a"], b=teams["b"], c=teams["b"])
    return judged(situation(everybody, roster_of(everybody, total=9)), run())


def whole(answer: object) -> str:
    """An answer as JSON. Each member and each part of a list has its line."""
    lines = []
    for name, value in dict(msgspec.to_builtins(answer)).items():
        parts = value if isinstance(value, list) else [value]
        lines += [f"{name}: {encode(part).decode()}\n" for part in parts] or [f"{name}: none\n"]
    return "".join(lines)


def why_not(answer: Any) -> str:
    """Why there is no answer, and what to choose from."""
    try:
        return whole(answer())
    except NotAnswered as error:
        return f"not answered: {error}\n{'' if error.data is None else whole(error.data)}"


def sections(folder: Path) -> Iterator[str]:
    """Yield each answer under its name."""
    accounts = {"healthy": healthy(), "troubled": troubled(), "expected": expected(), "hidden": hidden()}
    for name, account in accounts.items():
        of, named = asked(account), asked(account, names=True)
        yield f"=== {name}: check\n{whole(check_answer(of, 12.345))}"
        yield f"=== {name}: check with names\n{whole(check_answer(named, 0.0))}"
        yield f"=== {name}: who\n{whole(logged_in_answer(of, 0.04, None, None))}"
        yield f"=== {name}: who is available\n{whole(logged_in_answer(of, 1.0, None, 'available'))}"
        for team in (" SUPPORT ", "Bill", "Sales"):
            yield f"=== {name}: who of {team}\n{why_not(lambda: logged_in_answer(of, 1.0, team, 'unavailable'))}"  # noqa: B023
    yield f"=== refused: check\n{whole(check_answer(asked(refused()), 0.0))}"
    yield f"=== refused: who\n{whole(logged_in_answer(asked(refused()), 0.0, None, 'available'))}"
    for names in (False, True):
        account = asked_why()
        yield f"=== why, names {names}\n{whole(why_answer(asked(account, names=names), 3.0))}"
    path = recorded(folder / "h.db")
    for agent, names, zone in (("1", False, "UTC"), ("Abe Ox", True, "Europe/Berlin"), ("2", True, "UTC")):
        answer = read_today(
            path,
            agent,
            ZoneInfo(zone),
            now=START + 5 * HOUR + 20,
            texts_of=lambda agents: texts_of(agents, names=names),  # noqa: B023
        )
        yield f"=== today of {agent}\n{whole(answer)}"
    yield f"=== instructions\n{INSTRUCTIONS}\n"
    for tool in TOOLS:
        shown = {"title": tool.title, "about": tool.about, "asks_tenant": tool.asks_tenant, "in": tool.input_schema}
        yield f"=== tool {tool.name}\n{whole({**shown, **tool.output_schema})}"


def test_answers_are_as_written(tmp_path: Path) -> None:
    """Each answer is as `whole.txt` has it. No name is in one without names."""
    assert_as_written(WRITTEN, "".join(sections(tmp_path)))
