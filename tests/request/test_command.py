"""`rollcall request` as its users meet it: files, stdin, formats, refusals, saved runs."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # its stubs are a library of their own
import pytest
from tests.request.conftest import TOKEN, Explain, agents, grant
from tests.request.pasting import FORMS
from tests.support.many_values import together

from cxone_rollcall.cli import main, terminal
from cxone_rollcall.emulator.faults import Fault
from cxone_rollcall.emulator.wire import Answer, Call, Delivery
from cxone_rollcall.request import LARGEST
from cxone_rollcall.testing import emulator_of


class Slow(Fault, name="slow"):
    """The first request of the program is answered, the next one never."""

    asked: list[str] = field(default_factory=list)

    def after(self, call: Call, answer: Answer) -> Answer:
        """Answer nothing after the program's first request."""
        if call.endpoint == "states":
            self.asked.append(call.authorization[1])
        late = self.asked.count(TOKEN) >= 1 and len(self.asked) > self.asked.index(TOKEN) + 1
        return answer._replace(delivery=Delivery.NEVER) if late else answer


SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "check-1.json"
STATES = "/api/v2/agents/states"
FILTERED = "https://api-us-01.nice-incontact.com/api/v2/agents/states?agentIds=30000000002&state=Available"


@pytest.mark.parametrize("contract", ["v2", "incontact"])
@pytest.mark.parametrize("form", FORMS)
async def test_each_form_over_a_socket(explain: Explain, form: str, contract: str) -> None:
    """A request in any form is explained on both APIs. It is sent, and a corrected one is printed."""
    v2 = contract == "v2"
    target = f"{STATES}?agentIds={{break}}&state=Available"
    if not v2:
        target = "/incontactapi/services/v34.0/agents/states?top=100&updatedSince={now}"
    told = await explain(target, form=form, contract=contract, options=("--entry", "2") if form == "har" else ())
    assert (told.proven - {"RC502"}, told.code) == ({"RC406" if v2 else "RC409"}, 1)
    assert (told.request["method"], told.request["status"], told.request["rows"]) == ("GET", 200, 0)
    assert ("without state=Available" if v2 else "without updatedSince") in [
        one["what"] for one in told.request["changed"]
    ]
    assert "state=Available" not in told.request["corrected"]
    assert TOKEN not in told.request["corrected"]
    assert '-H "Authorization: Bearer $CXONE_TOKEN"' in told.request["corrected"]


@pytest.mark.parametrize(
    ("target", "contract"),
    [
        (f"{STATES}?agentIds={{ins}}", "v2"),
        (f"{STATES}?agentIds={{out}}", "v2"),
        (f"{STATES}?agentIds={{all}}", "v2"),
        ("/incontactapi/services/v34.0/agents/states?top=200", "incontact"),
        (STATES, "v2"),
        ("/api/v2/agents?page=1&pageSize=200", "v2"),
        ("/incontactapi/services/v34.0/agents?top=200", "incontact"),
        ("/incontactapi/services/v34.0/agents/{in}/states", "incontact"),
    ],
)
async def test_a_right_request(explain: Explain, target: str, contract: str) -> None:
    """A request that gets each row is called right. An empty answer is called true, and the exit code is 0."""
    told = await explain(target, contract=contract, page_cap=200, list_all=True)
    assert (told.code, told.request["changed"]) == (0, [])
    assert told.request["sentence"].startswith("Your request is right")
    assert ("its empty answer is true" in told.request["sentence"]) is (told.request["rows"] == 0)


async def test_ids_that_nobody_has(explain: Explain) -> None:
    """An id that the roster lacks is RC402. The rest of the answer is still explained."""
    told = await explain(f"{STATES}?agentIds=42,{{out}}")
    assert (told.proven, told.code) == ({"RC402"}, 1)
    assert "the roster does not have 42, and the API has no logged-in state for the others" in told.request["sentence"]


async def test_an_unknown_answer(explain: Explain) -> None:
    """If rollcall's own requests are refused, an empty answer proves nothing."""
    told = await explain(f"{STATES}?agentIds={{out}}", "scope-missing")
    assert (told.code, told.request["rows"]) == (4, 0)
    assert "nothing shows whether that is true" in told.request["sentence"]


async def test_two_mistakes(explain: Explain) -> None:
    """Two mistakes are both named and corrected. Each is shown by two requests that differ in one thing."""
    told = await explain(f"{STATES}?agentIds={{break_name}}&state=Available")
    assert (told.proven, told.code) == ({"RC401", "RC406"}, 1)
    assert re.search(rf"{STATES}\?agentIds=\d+'", told.request["corrected"])
    exchanges = [{one["exchange"] for one in found["evidence"]} for found in told.document["findings"]]
    assert all(len(one) >= 2 for one in exchanges[:2])


@pytest.mark.parametrize(("probing", "changes"), [("off", 0), ("auto", 1), ("deep", 1)])
async def test_probing(explain: Explain, probing: str, changes: int) -> None:
    """`--probes off` sends the request as it stands alone."""
    told = await explain(f"{STATES}?agentIds={{break}}&state=Available", options=("--probes", probing))
    assert (len(told.request["changed"]) > 0) is bool(changes)
    assert ("; not every change was tried" in told.request["sentence"]) is (probing == "off")


async def test_progress_moves_with_each_request_of_the_program(
    explain: Explain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Changes of the program's request are steps, too."""
    steps: list[int] = []

    @contextmanager
    def counted(*_: object, **__: object) -> Iterator[Callable[[], None]]:
        steps.append(0)

        def step() -> None:
            steps[-1] += 1

        yield step

    monkeypatch.setattr(terminal, "progress", counted)
    target = f"{STATES}?agentIds={{break}}&state=Available"
    for probing in ("off", "auto"):
        await explain(target, options=("--probes", probing))
    unchanged, changed = steps
    assert changed > unchanged > 0


async def test_the_json_follows_the_schema(explain: Explain) -> None:
    """The object follows the schema: that of `check` plus one member."""
    told = await explain(f"{STATES}?ids={{ins}}")
    jsonschema.validate(told.document, json.loads(SCHEMA.read_bytes()), jsonschema.Draft202012Validator)
    assert {"method", "target", "status", "rows", "sentence", "changed", "corrected"} == set(told.request)
    assert {"what", "status", "rows", "exchange"} == set(told.request["changed"][0])


async def test_a_saved_run_says_the_same(
    explain: Explain, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """`case judge` explains a saved run as the run did, in every format."""
    told = await explain(f"{STATES}?agentIds={{break}}&state=Available", options=("--save", "case.json"))
    capsysbinary.readouterr()
    assert main.run(["case", "judge", str(tmp_path / "case.json"), "--format", "json"]) == told.code
    judged = json.loads(capsysbinary.readouterr().out)
    assert (judged["request"], judged["findings"]) == (told.request, told.document["findings"])
    for format_ in ("account", "html"):
        main.run(["case", "judge", str(tmp_path / "case.json"), "--format", format_])
        shown = capsysbinary.readouterr().out.decode()
        assert told.request["sentence"] in " ".join(shown.split())
        assert "without state=Available" in shown


async def test_people_in_a_saved_request(explain: Explain, tmp_path: Path) -> None:
    """`--anonymize` replaces names that the program sent as ids."""
    await explain(f"{STATES}?agentIds={{break_name}}", options=("--save", "case.json", "--anonymize"))
    emulator = emulator_of(120)
    name = agents(emulator)["break_name"]
    text = (tmp_path / "case.json").read_text()
    assert name not in text
    assert name.replace(" ", "%20") not in text


def test_stdin(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`-` reads stdin."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(FILTERED.encode())))
    assert main.run(["request", "-", "--demo"]) == 1
    assert capsys.readouterr().out.startswith("Your request gets [] because state=Available leaves out")


@together(
    "case",
    {
        "no request": (b"rm -rf /", "rollcall: stdin: "),
        "a huge text": (b" " * (LARGEST + 2), "rollcall: stdin: it is too large for a request: "),
        "closed": (None, "rollcall: stdin is closed: give a file\n  rollcall request my-request.txt\n"),
    },
)
def test_stdin_that_is_no_request(case: tuple[bytes | None, str], capsys: pytest.CaptureFixture[str]) -> None:
    """An error calls it stdin."""
    given, said = case
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stdin", None if given is None else io.TextIOWrapper(io.BytesIO(given)))
        assert main.run(["request", "-", "--demo"]) == 2
    out, err = capsys.readouterr()
    assert (out, err[: len(said)]) == ("", said)


async def test_another_host_of_this_machine(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """A request to a foreign host goes there with its own token. A second one goes to the tenant's host."""
    from quality.common.run_command import command as run_command

    emulator = emulator_of(12)
    grant(emulator, "v2", TOKEN)
    async with emulator.running() as address:
        other = address.url.replace("127.0.0.1", "127.0.0.2")
        file = tmp_path / "request.txt"
        file.write_text(FORMS["curl"](f"{other}{STATES}?agentIds=30000000002", {"Authorization": f"Bearer {TOKEN}"}))
        code = await run_command(["request", str(file), "--format", "json"], emulator.environment(address.url))
    document = json.loads(capsysbinary.readouterr().out)
    assert code == 5
    assert "another host than the tenant's" in document["request"]["sentence"]
    assert [one["what"] for one in document["request"]["changed"]] == ["at the host of the settings"]


REFUSED = {
    "the request as the argument": (["request", FILTERED, "--demo"], "instead of the request itself"),
    "a curl command as the argument": (["request", f"curl {FILTERED}", "--demo"], "instead of the request itself"),
    "no file": (["request", "none.txt", "--demo"], "cannot be read"),
    "a folder": (["request", ".", "--demo"], "cannot be read"),
    "no request": (["request", "no.txt", "--demo"], "no request"),
    "ten megabytes": (["request", "large.txt", "--demo"], "too large"),
    "another host": (["request", "host.txt"], "neither the host of the settings"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An input that cannot be explained is refused with exit code 2.

    The error says why, and nothing else is printed.
    """
    monkeypatch.setenv("CXONE_INSTANCE", "127.0.0.1:9")
    monkeypatch.setenv("CXONE_CLIENT_ID", "me")
    monkeypatch.setenv("CXONE_CLIENT_SECRET", "a-secret-of-a-test")
    (tmp_path / "no.txt").write_text("rm -rf /")
    (tmp_path / "large.txt").write_text(FILTERED + " " * (LARGEST + 2_000_000))
    (tmp_path / "host.txt").write_text(FILTERED.replace("api-us-01.nice-incontact.com", "evil.example"))
    arguments, why = REFUSED[name]
    assert main.run(arguments) == 2
    out, err = capsys.readouterr()
    assert (out, why in err) == ("", True), err


async def test_a_run_that_is_cut_short(explain: Explain) -> None:
    """After the time limit, what is known of the request is printed.

    The output says that not every change was tried.
    """
    target = f"{STATES}?agentIds={{break}}&state=Available"
    told = await explain(target, Slow(), options=("--timeout", "1.5", "--request-timeout", "30"))
    assert told.code in (3, 5)
    assert (told.request["status"], told.request["rows"]) == (200, 0)
    assert "time limit" in told.document["ended_early"]
    assert "not every change was tried" in told.request["sentence"]
