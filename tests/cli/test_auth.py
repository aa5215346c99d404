"""`rollcall auth` and `rollcall explain`."""

from __future__ import annotations

import json

import pytest

from cxone_rollcall.cli.main import run
from cxone_rollcall.emulator.wire import Answer
from cxone_rollcall.findings.catalogue import FINDINGS


def test_status_shows_identity_and_expiry(capsys: pytest.CaptureFixture[str]) -> None:
    """The status shows instance, client, scopes and token expiry, and no secret."""
    assert run(["auth", "status", "--demo"]) == 0
    text = capsys.readouterr().out
    assert "emulated-client" in text
    assert "agent:read presence:read" in text
    assert "valid for 3600 s" in text
    assert "emulated-secret" not in text


def test_status_says_where_each_setting_came_from(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The source of each setting is shown."""
    for name, value in (("INSTANCE", "127.0.0.1:9"), ("CLIENT_ID", "me"), ("CLIENT_SECRET", "s3cr3t-value")):
        monkeypatch.setenv(f"CXONE_{name}", value)
    assert run(["auth", "status"]) == 5
    captured = capsys.readouterr()
    assert "client_id: environment" in captured.out
    assert "RC102" in captured.err
    assert "s3cr3t-value" not in captured.out + captured.err


def test_token_prints_claims_and_never_the_token(capsys: pytest.CaptureFixture[str]) -> None:
    """The token's claims, scopes and expiry are JSON. The token itself is not printed."""
    assert run(["auth", "token", "--demo"]) == 0
    text = capsys.readouterr().out
    described = json.loads(text)
    assert described["scopes"] == ["agent:read", "presence:read"]
    assert described["expires_in"] == 3600
    assert described["claims"]["sub"] == "emulated-client"
    assert "eyJ" not in text


def test_an_opaque_token_says_nothing_of_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """What a token does not contain is null."""
    assert run(["auth", "token", "--demo", "--fault", "token-plain"]) == 0
    described = json.loads(capsys.readouterr().out)
    assert described["scopes"] is described["expires_at"] is None
    assert described["claims"] == {}


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        (("--contract", "incontact", "--fault", "token-plain"), True),
        (("--contract", "incontact"), False),
        (("--fault", "token-plain"), False),
    ],
)
def test_whose_an_opaque_token_is_is_asked(
    options: tuple[str, ...], asked: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """The server is asked only if the token has no claims."""
    assert run(["auth", "status", "--demo", "-v", *options]) == 0
    captured = capsys.readouterr()
    assert ("GET /auth/userinfo" in captured.err) is asked
    assert "--contract" not in options or "icAgentId 30000000001" in captured.out
    assert ("user           not named in the token\n" in captured.out) is (options == ("--fault", "token-plain"))


def test_userinfo_that_fails_leaves_the_user_unknown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If userinfo fails, the status says that nothing names the user."""
    monkeypatch.setattr("cxone_rollcall.emulator.contracts.incontact.users.Users.userinfo", _refused)
    assert run(["auth", "status", "--demo", "--contract", "incontact", "--fault", "token-plain"]) == 0
    assert "user           not named in the token, and the server does not name it\n" in capsys.readouterr().out


def _refused(*_: object) -> Answer:
    return Answer(500)


def test_a_refused_client_ends_with_4_and_its_finding(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a token, stderr names the finding. Stdout has only the settings."""
    assert run(["auth", "token", "--demo", "--fault", "client-refused"]) == 4
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "RC201" in captured.err


def test_the_catalogue_lists_every_finding(capsys: pytest.CaptureFixture[str]) -> None:
    """`rollcall explain` prints one line per finding."""
    assert run(["explain"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [one.code for one in FINDINGS]


@pytest.mark.parametrize("asked", ["RC406", "rc406", "state-filter-hides"])
def test_a_page_is_found_by_code_or_name(asked: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A page is found by code, in any case, and by name."""
    assert run(["explain", asked]) == 0
    text = capsys.readouterr().out
    assert text.startswith("RC406 state-filter-hides\n")
    assert "Not this when" in text


def test_an_unknown_code_offers_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown code ends with 2 and the command to type."""
    assert run(["explain", "RC4O6"]) == 2
    assert "rollcall explain RC406" in capsys.readouterr().err
