"""`--save` and `rollcall case`, over a real socket."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import signal
import zlib
from pathlib import Path
from typing import Any

import pytest

from cxone_rollcall.casefile import reader
from cxone_rollcall.cli.main import run
from cxone_rollcall.roll import call_roll

Captured = pytest.CaptureFixture[str]


def saved(capsys: Captured, *arguments: str, file: str = "case.json") -> tuple[int, str]:
    """Save a case of the demo tenant; return exit code and account."""
    code = run(["check", "--demo", "--format", "json", "--save", file, *arguments])
    return code, capsys.readouterr().out


def judged(capsys: Captured, *arguments: str, file: str = "case.json") -> tuple[int, str]:
    """Judge the case and return the exit code and what was printed."""
    code = run(["case", "judge", file, *arguments])
    return code, capsys.readouterr().out


@pytest.mark.parametrize("file", ["case.json", "case.json.gz", "CASE.GZ"])
@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--contract", "incontact"),
        ("--fault", "client-refused"),
        ("--fault", "reset"),
        ("--fault", "nobody-logged-in"),
        ("--agent", "kavya.alsayed", "--state", "Busy"),
    ],
    ids=" ".join,
)
def test_a_saved_case_gives_the_same_account(capsys: Captured, arguments: tuple[str, ...], file: str) -> None:
    """A judged case gives its run's account and exit code. `--save` changes neither."""
    code, account = saved(capsys, *arguments, file=file)
    assert judged(capsys, "--format", "json", file=file) == (code, account)
    assert code == json.loads(account)["exit"]


@pytest.mark.parametrize("format_", ["account", "json", "csv"])
def test_every_format(capsys: Captured, format_: str) -> None:
    """A case can be judged in every format of `check`. It can go into a file, with the same stderr."""
    code = run(["check", "--demo", "--fault", "roster-short", "--format", format_, "--save", "case.json"])
    first = capsys.readouterr()
    assert run(["case", "judge", "case.json", "--format", format_]) == code
    again = capsys.readouterr()
    assert again.out == first.out
    assert again.err == "\n".join(line for line in first.err.split("\n") if not line.startswith("case saved: "))
    assert run(["case", "judge", "case.json", "--format", format_, "-o", "account"]) == code
    assert Path("account").read_text(encoding="utf-8-sig").split() == first.out.split()


def test_a_run_cut_short_is_saved(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted run is a case too, with the same partial account."""

    async def called_and_interrupted(*arguments: Any, **more: Any) -> None:
        await call_roll(*arguments, **more)
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()

    monkeypatch.setattr("cxone_rollcall.cli.session.call_roll", called_and_interrupted)
    code, account = saved(capsys)
    assert code == 130
    assert judged(capsys, "--format", "json") == (code, account)


def test_the_file_is_its_owners(capsys: Captured) -> None:
    """Only its owner can read a case. It replaces an old file and leaves no other file."""
    Path("case.json").write_text("of yesterday")
    Path("case.json").chmod(0o644)
    assert run(["check", "--demo", "--save", "case.json"]) == 0
    assert "case saved: case.json (10 requests; with agents' names and e-mails" in capsys.readouterr().err
    if os.name == "posix":
        assert Path("case.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in Path().iterdir()] == ["case.json"]


def test_no_secret_and_with_anonymize_no_person(capsys: Captured) -> None:
    """A case has no secret and no token. With `--anonymize` it has no name."""
    for arguments in ((), ("--anonymize",), ("--contract", "incontact")):
        assert run(["check", "--demo", "--save", "case.json", *arguments]) == 0
        text = Path("case.json").read_text(encoding="utf-8")
        assert "emulated-secret" not in text
        assert "eyJ" not in text
        assert ("Al-Sayed" in text) is ("--anonymize" not in arguments)
    capsys.readouterr()


def test_with_verbose_the_log_is_as_ever(capsys: Captured) -> None:
    """--save does not change what -v and -vv print."""
    assert run(["check", "--demo", "-v", "--save", "case.json"]) == 0
    log = capsys.readouterr().err
    assert "#2 GET /api/v2/agents?page=1&pageSize=100 200" in log
    assert "entities" not in log
    assert run(["check", "--demo", "-vv", "--save", "case.json"]) == 0
    log = capsys.readouterr().err
    assert "bytes)" in log
    bodies = [one["response_body"] for one in json.loads(Path("case.json").read_bytes())["exchanges"]]
    assert max(map(len, bodies)) > 20_000
    assert all(body.startswith("{") and body.endswith("}") for body in bodies)


def test_an_unwritable_file_is_reported_before_any_request(capsys: Captured) -> None:
    """A case that cannot be saved is reported before any request. So is `--anonymize` without `--save`."""
    assert run(["check", "--demo", "-v", "--save", "no/case.json"]) == 2
    captured = capsys.readouterr()
    assert "case.json" in captured.err
    assert "POST /oauth/token" not in captured.err
    assert run(["check", "--demo", "--anonymize"]) == 2
    assert "--save case.json --anonymize" in capsys.readouterr().err


def test_show_lists_the_exchanges(capsys: Captured) -> None:
    """Each exchange has a line, below the tenant. It has number, start, request, status, duration and purpose."""
    saved(capsys, "--fault", "reset-some", "--contract", "incontact")
    assert run(["case", "show", "case.json"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    kept = json.loads(Path("case.json").read_bytes())
    assert head.startswith("emulated tenant at ")
    assert len(lines) == len(kept["exchanges"])
    assert lines[0].split()[:5] == ["#1", "0.000", "s", "GET", "/.well-known/openid-configuration"]
    assert lines[0].endswith("discovery of the issuer")
    assert " 200 " in lines[0]


def test_show_prints_exchanges_whole(capsys: Captured) -> None:
    """Exchanges chosen by number are printed in full, in that order. A missing body has its reason."""
    saved(capsys, "--fault", "html-page=labelled=json,at=states", "--anonymize")
    assert run(["case", "show", "case.json", "3", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    starts = [line for line in lines if line.startswith("#")]
    assert [line.split()[0] for line in starts] == ["#3", "#1"]
    assert "30000000100" in starts[0]
    assert "  > Authorization: ***" in lines
    assert "  < content-type: application/json; charset=utf-8" in lines
    assert any(line.startswith("  > grant_type=client_credentials&client_id=") for line in lines)
    assert any("left out: it is no complete JSON" in line for line in lines)


def test_show_as_json(capsys: Captured) -> None:
    """As JSON, only the exchanges are printed: all, or the chosen ones."""
    saved(capsys)
    kept = json.loads(Path("case.json").read_bytes())["exchanges"]
    assert run(["case", "show", "case.json", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == kept
    assert run(["case", "show", "case.json", "2", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == kept[1:2]


def test_show_is_safe_on_a_terminal(capsys: Captured) -> None:
    """Nothing in a file moves the cursor or changes the reading direction."""
    saved(capsys, "--fault", "hostile-names")
    whole = json.loads(Path("case.json").read_bytes())
    whole["rollcall"] = "9\x1b[2J"
    whole["tenant"]["instance"] = "a\x1b]0;b\x07"
    whole["exchanges"][1] |= {
        "target": "/\x9b31m",
        "method": "G\u202e",
        "purpose": "\x1b[1m",
        "status": None,
        "fault": "\r",
    }
    whole["exchanges"][1]["response_headers"] = [["x\x1b[2J", "y\x1b[2J"]]
    Path("case.json").write_text(json.dumps(whole), encoding="utf-8")
    for arguments in (["show", "case.json"], ["show", "case.json", "2", "3"], ["judge", "case.json"]):
        assert run(["case", *arguments]) == 0
        captured = capsys.readouterr()
        assert not set(captured.out + captured.err) & set("\x1b\x07\x9b\u202e\r")
        assert "9\\x1b" in captured.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"),
        (b"", "no case"),
        (b'{"schema": "rollcall/case/7"}', "update it"),
        (gzip.compress(b"hello", mtime=0), "no case"),
        (gzip.compress(b"hello" * 100, mtime=0)[:-20], "truncated"),
        (b"\x1f\x8bhello", "decompressed"),
        (gzip.compress(b'{"schema": "rollcall/case/1"}', mtime=0), "not as rollcall writes it"),
    ],
)
@pytest.mark.parametrize("verb", ["show", "judge"])
def test_what_is_no_case(capsys: Captured, verb: str, content: bytes | None, said: str) -> None:
    """A missing, foreign, truncated or newer file ends with 2. A message says why."""
    if content is not None:
        Path("it.json").write_bytes(content)
    assert run(["case", verb, "it.json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "it.json" in captured.err
    assert said in captured.err


def test_a_file_that_is_too_large(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is too large is refused without reading it all. Decompressed size counts too."""
    monkeypatch.setattr(reader, "LARGEST", 1000)
    Path("it.json").write_bytes(b"{" * 1001)
    Path("it.json.gz").write_bytes(zlib.compress(b"{" * 5_000_000, wbits=31))
    for name in ("it.json", "it.json.gz"):
        assert run(["case", "judge", name]) == 2
        assert f"{name} is too large" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show"], "FILE"),
        (["show", "case.json", "99"], "its requests are 1 to 10"),
        (["show", "case.json", "0"], "no request 0"),
        (["show", "case.json", "one"], "one"),
        (["judge", "."], "directory"),
        (["judge", "case.json", "--format", "xml"], "xml"),
        (["mend", "case.json"], "mend"),
    ],
)
def test_arguments_that_mean_nothing(capsys: Captured, arguments: list[str], said: str) -> None:
    """An unknown number, a folder or an unknown word ends with 2. A hint follows."""
    saved(capsys)
    assert run(["case", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_case_is_not_overwritten_by_its_account(capsys: Captured) -> None:
    """If --output names the case itself, the command stops and says so."""
    assert run(["check", "--demo", "--save", "same", "-o", "same"]) == 2
    assert "the same file" in capsys.readouterr().err
    assert saved(capsys)[0] == 0
    before = Path("case.json").read_bytes()
    assert run(["case", "judge", "case.json", "-o", "case.json"]) == 2
    assert Path("case.json").read_bytes() == before


def test_two_cases_are_compared(capsys: Captured) -> None:
    """`case diff` lists what differs by part, as text and as JSON."""
    saved(capsys, file="before.json")
    saved(capsys, "--fault", "scope-missing", file="after.json")
    assert run(["case", "diff", "before.json", "after.json"]) == 0
    text = capsys.readouterr().out
    assert "\ntoken\n" in text
    assert "\nfindings\n" in text
    assert run(["case", "diff", "before.json", "after.json", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "rollcall/diff/1"
    assert {"part", "what", "before", "after"} == set(document["differences"][0])
    assert run(["case", "diff", "after.json", "after.json"]) == 0
    assert "do not differ" in capsys.readouterr().out


def test_a_case_as_har(capsys: Captured) -> None:
    """`case har` writes all exchanges, to the terminal or a file. The file is not the case."""
    saved(capsys)
    exchanges = json.loads(Path("case.json").read_bytes())["exchanges"]
    assert run(["case", "har", "case.json", "-o", "case.har"]) == 0
    assert len(json.loads(Path("case.har").read_bytes())["log"]["entries"]) == len(exchanges)
    assert run(["case", "har", "case.json"]) == 0
    assert json.loads(capsys.readouterr().out)["log"]["version"] == "1.2"
    assert run(["case", "har", "case.json", "-o", "case.json"]) == 2
    assert json.loads(Path("case.json").read_bytes())["exchanges"] == exchanges


def test_a_typed_user_name_is_nowhere_in_an_anonymized_case(capsys: Captured) -> None:
    """--anonymize also replaces what the user typed for an agent."""
    run(["why", "--demo", "--contract", "incontact", "kavya.alsayed", "--save", "case.json", "--anonymize"])
    capsys.readouterr()
    assert b"alsayed" not in Path("case.json").read_bytes().lower()
