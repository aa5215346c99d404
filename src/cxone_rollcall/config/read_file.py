"""Reads small files from untrusted places. Only regular files, and at most `LARGEST` bytes."""

import errno
import os
import stat
from pathlib import Path

from cxone_rollcall.errors import SettingError

LARGEST = 1 << 20
"""Bytes of a file of settings, logins or certificates. The certificates of all public authorities are 250 kB."""
_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)
_NOT_WAITING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
"""Flags to open a file at once, without side effects. A pipe without a writer does not block, and a terminal does
not become ours."""


def read_file(path: Path, *, largest: int = LARGEST, named: str = "") -> tuple[bytes, os.stat_result]:
    """The bytes and the status of a regular file.

    OSError if it cannot be opened (IsADirectoryError if it is a folder). SettingError, which calls it `named`, if it is
    a device or a pipe, which might never end, or has more than `largest` bytes.
    """
    named = named or str(path)
    try:
        handle = os.open(path, _NOT_WAITING)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket, or a device without a driver
            raise SettingError(f"{named} is no regular file") from None
        raise
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(status.st_mode):
            kind = next((words for is_kind, words in _KINDS if is_kind(status.st_mode)), "no file")
            raise SettingError(f"{named} is {kind}, not a regular file")
        data = file.read(largest + 1)
    if len(data) > largest:
        raise SettingError(f"{named} is too large: it has more than {largest:,} bytes")
    return data, status


def as_path(text: str) -> Path:
    """The path, with `~` expanded if there is such a home folder."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)
