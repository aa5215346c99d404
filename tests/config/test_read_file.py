"""A file that a stranger may have written is read with care.

It must be regular and small, else a message refuses it.
"""

import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.support.thorough import mostly_thorough

from cxone_rollcall.cli import case_files
from cxone_rollcall.config.load import load
from cxone_rollcall.config.logins import FileStore
from cxone_rollcall.config.profiles import read_profiles
from cxone_rollcall.config.read_file import LARGEST
from cxone_rollcall.config.sources import dotenv_source
from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.login import LoginKey

pytestmark = pytest.mark.skipif(os.name != "posix", reason="devices and pipes as POSIX has them")

Put = Callable[[Path], object]


def a_socket(path: Path) -> None:
    """Leave a socket there."""
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(path.parent)  # the address of a socket is short
        listening.bind(path.name)
        os.chdir(here)


def a_hole(path: Path) -> None:
    """Leave a file of a terabyte that takes no room."""
    path.touch()
    os.truncate(path, 1 << 40)


ODD: Mapping[str, Put] = {
    "a pipe": os.mkfifo,
    "a device without end": lambda path: path.symlink_to("/dev/zero"),
    "a terminal": lambda path: path.symlink_to("/dev/ptmx"),
    "nothing": lambda path: path.symlink_to("/dev/null"),
    "a socket": a_socket,
    "a large file": lambda path: path.write_bytes(b"#" * (LARGEST + 1)),
    "a file with a hole": a_hole,
}


def bundle(path: Path) -> None:
    """Read a file as CXONE_CA_BUNDLE."""
    environment = {"CXONE_INSTANCE": "h.example", "CXONE_CLIENT_ID": "me", "CXONE_CLIENT_SECRET": "hunter2"}
    load({}, environment | {"CXONE_CA_BUNDLE": str(path)}, path.parent, path.parent / "config.toml")


READERS: Mapping[str, tuple[str, Callable[[Path], object]]] = {
    ".env": (".env", dotenv_source),
    "config.toml": ("profiles.toml", read_profiles),
    "logins": ("logins.json", lambda path: FileStore(LoginKey("https://h.example", "me"), path).load()),
    "certificates": ("ca.pem", bundle),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("reader", READERS)
def test_what_is_no_small_regular_file_is_refused(reader: str, odd: str, tmp_path: Path) -> None:
    """A file that is not regular or too large is refused.

    It is not waited for, and the error names it and says what it is.
    """
    name, read = READERS[reader]
    path = tmp_path / name
    ODD[odd](path)
    with pytest.raises(SettingError, match=r"regular file|too large") as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("odd", ["a pipe", "a device without end", "a socket", "nothing"])
def test_a_case_is_a_regular_file(odd: str, tmp_path: Path) -> None:
    """A case file must be regular, with the size limit of cases."""
    path = tmp_path / "case.json"
    ODD[odd](path)
    with pytest.raises(SettingError, match="regular file"):
        case_files.load(path)


@pytest.mark.parametrize(
    "content", mostly_thorough([b"A=b\n", b'A="\n', b"#\n", b"\r", b"export A='b'\r\n", b"\\\n"], quick=2)
)
def test_a_file_of_the_largest_size_is_read(content: bytes, tmp_path: Path) -> None:
    """A `.env` of exactly one MiB of short lines is read. Its setting is found."""
    path = tmp_path / ".env"
    path.write_bytes((content * LARGEST)[: LARGEST // 8] + b"\nCXONE_CLIENT_ID=me\n")
    try:
        assert dotenv_source(path).values in ({"client_id": "me"}, {})
    except SettingError as error:
        assert "malformed" in str(error)


def test_a_virtual_environment_named_dotenv_is_no_settings_file(tmp_path: Path) -> None:
    """A virtual environment that is called `.env` holds no settings."""
    (tmp_path / ".env").mkdir()
    assert dotenv_source(tmp_path / ".env").values == {}


def test_the_line_of_a_mistake_behind_empty_lines(tmp_path: Path) -> None:
    """An error's line number counts the line breaks before it."""
    for before in ("", "\n", "\n\n\n", "\r\n\r\n", "A=b\n\n"):
        (tmp_path / ".env").write_bytes(f"{before}CXONE_CLIENT_ID='me\n".encode())
        with pytest.raises(SettingError, match=f"line {before.count(chr(10)) + 1}:"):
            dotenv_source(tmp_path / ".env")
