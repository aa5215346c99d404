"""A corrected request is a command to paste. What may be secret is a variable."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from tests.support.many_values import together

from cxone_rollcall.request import question_of, read
from cxone_rollcall.request.corrected import MOST_BATCHES, corrected
from cxone_rollcall.request.question import Question

URL = "https://a.example/api/v2/agents/states"
ENDS = " \\\n  -H \"Authorization: Bearer $CXONE_TOKEN\" \\\n  -H 'Accept: application/json'"


def question(words: str) -> Question:
    """Return the question of a curl command."""
    return question_of(read(f"curl {words}".encode()))


COMMANDS = {
    f"'{URL}'": f"curl {URL}{ENDS}",
    f"'{URL}?agentIds=1,2&state=Not%20Ready'": f"curl '{URL}?agentIds=1,2&state=Not%20Ready'{ENDS}",
    f"'{URL}?api-key=s3cret&page=1'": f"""curl '{URL}?api-key='"$API_KEY"'&page=1'{ENDS}""",
    f"'{URL}?page=1&7=s3cret'": f"""curl '{URL}?page=1&7='"$SECRET_7"{ENDS}""",
    f"'{URL}?-=s3cret&a=abc'": f"""curl '{URL}?-='"$SECRET"'&a=abc'{ENDS}""",
    f"'{URL}?a%20b=s3cret&c=s3cret'": f"""curl '{URL}?a%20b='"$A_B"'&c='"$C"{ENDS}""",
    f"'{URL}' -H 'X-Api-Key: s3cret' -H '1-a: s3cret'": (
        f'curl {URL}{ENDS} \\\n  -H "X-Api-Key: $X_API_KEY" \\\n  -H "1-a: $SECRET_1_A"'
    ),
    f"'{URL}' -b a=s3cret -A me -e {URL} -H 'Sec-Fetch-Mode: x' -H 'Accept-Language: x' -H 'DNT: 1' -H 'Origin: x'"
    " -H 'Authorization: Bearer s3cret' -H 'Cache-Control: x' -H 'Pragma: x' -H 'CorrelationId: s3cret'": (
        f"curl {URL}{ENDS}"
    ),
    f'"{URL}?state=\'a"': f"""curl '{URL}?state='"'"'a'{ENDS}""",
}
"""Words after `curl`, and the command for the corrected request."""


@together("words", list(COMMANDS))
def test_commands_to_paste(words: str) -> None:
    """Values that may be secret are variables named after their fields."""
    written = corrected((question(words),))
    assert written == COMMANDS[words]
    assert "s3cret" not in written


def test_a_shell_reads_what_was_meant() -> None:
    """In a shell, a command has the address of its request."""
    address = f"{URL}?state=%24(x)'$(id);&api-key=s3cret"
    command = corrected((question(f"$'{address}'".replace("'$(", "\\'$(")),))
    shown = f'curl() {{ printf %s "$1"; }}; API_KEY=s3cret; {command}'
    assert subprocess.run(["sh", "-c", shown], capture_output=True, text=True, check=True).stdout == address


def test_few_batches_are_shown() -> None:
    """Of many requests, the first ones are shown, each as a command."""
    written = corrected(tuple(question(f"'{URL}?agentIds={number}'") for number in range(MOST_BATCHES + 2)))
    assert [line for line in written.splitlines() if line.startswith("curl")] == [
        f"curl '{URL}?agentIds={number}' \\" for number in range(MOST_BATCHES)
    ]


QUESTION = f"'{URL}?AgentIDs=1%2C2,3&agentids=4;5&state=Busy&STATE=Not+Ready&x=y'"
CHANGED: list[tuple[str, str, Any]] = [
    ("target", QUESTION[1:-1].removeprefix("https://a.example"), None),
    ("ids", "('1', '2', '3', '4', '5')", None),
    ("ids_as", "('AgentIDs', 'agentids')", None),
    ("parameters", "('AgentIDs', 'agentids', 'state', 'STATE')", None),
    ("contract", "v2", None),
    ("version", "", None),
]


@pytest.mark.parametrize(("name", "value", "_"), CHANGED)
def test_what_a_request_asks_for(name: str, value: str, _: None) -> None:
    """A request's ids and parameters are known in any letters."""
    assert str(getattr(question(QUESTION), name)) == value


def test_changes_of_a_request() -> None:
    """Each change leaves the rest of a request as it is."""
    asked = question(QUESTION)
    path = "/api/v2/agents/states"
    assert asked.value("State") == "Not Ready"
    assert asked.value("page") is None
    assert asked.without("STATE", "x").target == f"{path}?AgentIDs=1%2C2,3&agentids=4;5"
    assert asked.with_values(state="A", page="2").target == (f"{path}?AgentIDs=1%2C2,3&agentids=4;5&state=A&x=y&page=2")
    assert asked.with_ids("7,8").target == f"{path}?agentIds=7,8&state=Busy&STATE=Not+Ready&x=y"
    assert asked.at_host("https://b.example").request.base == "https://b.example"
    assert asked.at("/v9/", contract="").target.startswith("/v9/agents/states?AgentIDs=")
    one = question("'https://a.example/services/v30.1/Agents/a%20b/states/?x=y'")
    assert (one.contract, one.version, one.agent, one.ids) == ("incontact", "30", "a%20b", ("a b",))
    assert one.of_agent("7").target == "/services/v30.1/agents/7/states?x=y"
    assert one.of_version("34").target == "/services/v34.1/agents/a%20b/states?x=y"
    signed = question(f"'{URL}' -H 'Authorization: x' -b c=d -H 'X: y'")
    assert (signed.authorization, signed.signed) == ("x", False)
    ours = signed.with_our_token()
    assert (ours.authorization, ours.signed, [name for name, _ in ours.request.headers]) == ("", True, ["X"])
