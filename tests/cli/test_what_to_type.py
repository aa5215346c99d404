"""Refusals as a user sees them: the reason, and what to type."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from cxone_rollcall.cli.main import run

SERVE = "serve --listen 127.0.0.1:0"
NEW_TOKEN = "openssl rand -base64 24 > serve.token; chmod 600 serve.token"
SERVE_TLS = "rollcall serve --tls-cert cert.pem --tls-key key.pem"
GONE = "cannot be read: No such file or directory"
EMULATE_TLS = "rollcall emulate --tls-cert cert.pem --tls-key key.pem"


@pytest.mark.parametrize(
    ("words", "said", "example"),
    [
        ("mcp --listen 8765", "--listen must be HOST:PORT, not '8765'", "rollcall mcp --listen 127.0.0.1:8765"),
        (
            "mcp --listen 0.0.0.0:1",
            "0.0.0.0 can be reached from other machines, and the server for assistants asks for no token: listen on"
            " 127.0.0.1",
            "rollcall mcp --listen 127.0.0.1:8765",
        ),
        (
            "mcp --tz Europe/Berlin",
            "--tz is about a history: set --history",
            "rollcall mcp --history history.db",
        ),
        ("serve --listen 80", "--listen must be HOST:PORT, not '80'", "--listen 127.0.0.1:8080"),
        (
            "serve --listen 0.0.0.0:0",
            "0.0.0.0 can be reached from other machines, and nobody would be asked for a token: set --token-file or"
            " ROLLCALL_SERVE_TOKEN, or listen on 127.0.0.1",
            NEW_TOKEN,
        ),
        (f"{SERVE} --token-file none", f"--token-file none {GONE}", NEW_TOKEN),
        (f"{SERVE} --token-file binary", "--token-file binary cannot be read: it is not text", NEW_TOKEN),
        (
            f"{SERVE} --token-file short",
            "--token-file short: a token has at least 16 characters and no blanks",
            NEW_TOKEN,
        ),
        (
            f"{SERVE} --trusted-proxy proxy",
            "--trusted-proxy must be an IP address, not 'proxy'",
            "--trusted-proxy 127.0.0.1",
        ),
        (f"{SERVE} --base-path x/", "--base-path must be like /rollcall, not 'x/'", "--base-path /rollcall"),
        (f"{SERVE} --profile a --profile a", "--profile names the same profile twice", ""),
        (
            f"{SERVE} --demo --profile a --profile b",
            "--demo serves one emulated tenant: leave --profile out",
            "",
        ),
        (
            f"{SERVE} --instance h.example --profile a --profile b",
            "--instance would be that of every profile: set it in each profile of config.toml",
            "",
        ),
        (f"{SERVE} --backfill", "--backfill and --keep are about a history: set --history", "--history history.db"),
        (f"{SERVE} --keep 4d", "--backfill and --keep are about a history: set --history", "--history history.db"),
        (
            f"{SERVE} --history h.db --profile a --profile b",
            "--history would be one file for several tenants: each needs its own, so put {profile} into its name",
            "rollcall serve --profile acme --profile globex --history 'history-{profile}.db'",
        ),
        (
            f"{SERVE} --fleet nats://127.0.0.1:1 --demo",
            "--demo is for tenants that this command polls itself: workers poll those of --fleet",
            "rollcall serve --fleet nats://127.0.0.1:4222 --zone eu",
        ),
        (f"{SERVE} --tls-cert c.pem", "--tls-cert needs --tls-key", SERVE_TLS),
        (f"{SERVE} --tls-key k.pem", "--tls-key needs --tls-cert", SERVE_TLS),
        ("emulate --tls-key k.pem", "--tls-key needs --tls-cert", EMULATE_TLS),
        (
            "emulate --tls-cert none --tls-key short",
            f"--tls-cert none {GONE}",
            EMULATE_TLS,
        ),
        (
            "emulate --tls-cert short --tls-key short",
            "--tls-cert short and --tls-key short must be a matching certificate and key, in PEM and without a"
            " password",
            EMULATE_TLS,
        ),
        (
            "watch --demo --format screen",
            "--format screen needs a terminal",
            "rollcall watch --format ndjson",
        ),
        ("check --demo --anonymize", "--anonymize needs --save", "--save case.json --anonymize"),
        (
            "check --demo --save x --output ./x",
            "--save and --output name the same file, x",
            "--save case.json -o account.txt",
        ),
        (
            "check --demo --roster 'r s.csv' --team Sales",
            "--roster compares with the whole roster: leave out --team",
            "rollcall check --roster 'r s.csv'",
        ),
        (
            "report adherence --history 'h 1.db'",
            "adherence compares with a schedule: give its file",
            "rollcall report adherence --history 'h 1.db' --schedule shifts.csv",
        ),
        ("report gaps --history h.db --schedule s.csv", "--schedule is for adherence, not for gaps", ""),
        (
            "report gaps --history h.db --format json --delimiter ;",
            "--delimiter is for csv, not for json",
            "--format csv --delimiter ';'",
        ),
        (
            "history check --history h.db --save-to short",
            "short exists already: name a new file",
            "--save-to saved.db",
        ),
        (
            "record --demo --history h.db --keep year",
            "--keep must be a number of days, not 'year'",
            "--keep 400d",
        ),
        (
            "case show none",
            f"none {GONE}",
            "",
        ),
        ("request none --demo", f"none {GONE}", "rollcall request my-request.txt"),
    ],
    ids=lambda value: value[:40],
)
def test_a_refusal_says_what_to_type(
    words: str, said: str, example: str, capsys: pytest.CaptureFixture[str], alone: None
) -> None:
    """A refusal has its reason, and a line to type below. Nothing is printed, and nothing made."""
    Path("short").write_text("short")
    Path("binary").write_bytes(b"\xff" * 20)
    before = set(Path().iterdir())
    assert run(shlex.split(words)) == 2
    below = f"  {example}\n" if example else ""
    assert capsys.readouterr() == ("", f"rollcall: {said}\n{below}")
    assert set(Path().iterdir()) == before
