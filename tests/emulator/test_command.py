"""`rollcall emulate` prints what a client needs, over TLS too. It refuses unusable options with a message."""

import json
import os
import signal
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.thorough import mostly_thorough

from cxone_rollcall.cli import main
from cxone_rollcall.emulator import FAULTS, list_readings

EMULATE = (sys.executable, "-m", "cxone_rollcall", "emulate")
NO_FILE = "No such file or directory"
PASTE = "\n  rollcall emulate --tls-cert cert.pem --tls-key key.pem\n"


@contextmanager
def emulating(*arguments: str, lines: int) -> Iterator[dict[str, str]]:
    """Run `rollcall emulate` on a free port; yield its printed settings."""
    command = [*EMULATE, "--port", "0", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        said = [process.stdout.readline() for _ in range(lines)]
        yield dict(line.removeprefix("export ").strip().split("=", 1) for line in said if line.startswith("export "))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(10)
        process.stdout.close()


@pytest.mark.parametrize("host", mostly_thorough(["127.0.0.1", "localhost"], quick=1))
def test_https_with_certificate_and_key(certificate: tuple[Path, Path], host: str) -> None:
    """With certificate and key it serves https, and names its CA."""
    cert, key = map(str, certificate)
    arguments = ("--host", host, "--contract", "incontact", "--tls-cert", cert, "--tls-key", key)
    with emulating(*arguments, lines=8) as said:
        assert said["CXONE_INSTANCE"].startswith(f"https://{host}:")
        assert said["CXONE_CA_BUNDLE"] == str(certificate[0].resolve())
        trusted = ssl.create_default_context(cafile=said["CXONE_CA_BUNDLE"])
        url = f"{said['CXONE_INSTANCE']}/.well-known/cxone-configuration?tenantId={said['CXONE_TENANT_ID']}"
        with urllib.request.urlopen(url, context=trusted) as answer:  # noqa: S310  our own emulator, on loopback
            assert json.load(answer)["api_endpoint"] == said["CXONE_INSTANCE"]


def test_both_contracts() -> None:
    """--contract given twice serves both contracts on one host."""
    with emulating("--contract", "v2", "--contract", "incontact", lines=7) as said:
        assert said["CXONE_TENANT_ID"]
        form = f"client_id={said['CXONE_CLIENT_ID']}&client_secret={said['CXONE_CLIENT_SECRET']}"
        key = f"username={said['CXONE_ACCESS_KEY_ID']}&password={said['CXONE_ACCESS_KEY_SECRET']}"
        for path, grant in (("/oauth/token", "client_credentials"), ("/auth/token", f"password&{key}")):
            data = f"grant_type={grant}&{form}".encode()
            with urllib.request.urlopen(said["CXONE_INSTANCE"] + path, data) as answer:  # noqa: S310
                assert json.load(answer)["access_token"]


def test_v2_needs_no_tenant_and_no_access_key() -> None:
    """For `v2` neither tenant nor access key need be set."""
    with emulating(lines=4) as said:
        assert set(said) == {"CXONE_INSTANCE", "CXONE_CLIENT_ID", "CXONE_CLIENT_SECRET"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--tls-cert {cert}", f"--tls-cert needs --tls-key{PASTE}"),
        ("--tls-key {key}", f"--tls-key needs --tls-cert{PASTE}"),
        (
            "--tls-cert nowhere.pem --tls-key {key}",
            f"--tls-cert nowhere.pem cannot be read: {NO_FILE}{PASTE}",
        ),
        (
            "--tls-cert {cert} --tls-key nowhere.pem",
            f"--tls-key nowhere.pem cannot be read: {NO_FILE}{PASTE}",
        ),
        ("--tls-cert {cert} --tls-key {cert}", f"a matching certificate and key, in PEM and without a password{PASTE}"),
        ("--tls-cert {key} --tls-key {key}", "matching certificate and key"),
        ("--contract v2 --contract v2", "each once"),
    ],
)
def test_unusable_tls_files(
    certificate: tuple[Path, Path], arguments: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing or unusable TLS file ends with 2 and a message."""
    cert, key = certificate
    assert main.run(["emulate", "--port", "0", *arguments.format(cert=cert, key=key).split()]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert "Traceback" not in err


def test_faults_and_readings_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Each fault has its codes, summary and arguments. Each reading has its choices."""
    assert main.run(["emulate", "--faults"]) == 0
    faults = capsys.readouterr().out
    assert "\nreset-some  RC512\n    Every request for the states of a chosen agent is reset.\n" in f"\n{faults}"
    assert "\n    agents (whole number, 1): how many agents are chosen\n" in faults
    assert [line.split()[0] for line in faults.splitlines() if line[0] != " "] == [one.name for one in FAULTS]
    assert main.run(["emulate", "--readings"]) == 0
    readings = capsys.readouterr().out
    assert "result_set (yes|no, no)\n    whether every response is inside resultSet\n" in readings
    assert [line.split()[0] for line in readings.splitlines() if line[0] != " "] == [
        one.name for one in list_readings()
    ]


@pytest.mark.skipif(os.name != "posix", reason="a terminal as POSIX has it")
def test_a_key_with_a_password_is_refused(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    """An encrypted key ends with 2. The terminal is not asked for its password."""
    import fcntl
    import termios

    cert, key = certificate
    locked = tmp_path / "locked.pem"
    lock = ["openssl", "pkey", "-in", str(key), "-aes128", "-passout", "pass:secret", "-out", str(locked)]
    subprocess.run(lock, check=True, capture_output=True)
    command = [*EMULATE, "--tls-cert", str(cert), "--tls-key", str(locked)]
    terminal, inner = os.openpty()
    os.write(terminal, b"wrong\n")
    done = subprocess.run(  # a session of its own, whose terminal OpenSSL would ask on
        command,
        stdin=inner,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    shown = os.read(terminal, 1000)
    os.close(terminal)
    os.close(inner)
    assert shown == b"wrong\r\n"
    assert (done.returncode, done.stdout) == (2, "")
    assert "matching certificate and key" in done.stderr
    assert "Traceback" not in done.stderr
