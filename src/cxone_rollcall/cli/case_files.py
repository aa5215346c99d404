"""Writes case files for `--save`, and reads them for `rollcall case`. They are gzip if the name ends in .gz."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxone_rollcall.cli import terminal
from cxone_rollcall.errors import SettingError

if TYPE_CHECKING:
    from cxone_rollcall.casefile.reader import Reading
    from cxone_rollcall.findings.account import Account

    Save = Callable[[Account, Callable[[str], str]], None]

_GZIP = zlib.MAX_WBITS | 16
_PIECE = 1 << 24
"""Bytes that are decompressed at a time."""
_GZIP_BEGINS = b"\x1f\x8b"


@contextmanager
def saving(given: dict[str, Any]) -> Iterator[Save]:
    """A function that saves an account as `--save` and `--anonymize` say. Without `--save` it does nothing.

    The file is opened at once, so that an unwritable path is reported before any request. It appears when the block
    ends, readable only by its owner. The function's second argument hides secrets in a text.
    """
    path: Path | None = given.get("save")
    anonymize = bool(given.get("anonymize"))
    if path is None:
        if anonymize:
            raise SettingError("--anonymize needs --save", example="--save case.json --anonymize")
        yield lambda account, hide: None
        return
    output_path: Path | None = given.get("output")
    if output_path is not None and output_path.resolve() == path.resolve():
        raise SettingError(f"--save and --output name the same file, {path}", example="--save case.json -o account.txt")
    from cxone_rollcall.casefile.writer import write

    saved: list[Account] = []
    with terminal.Output(path) as output:

        def save(account: Account, hide: Callable[[str], str]) -> None:
            for piece in _packed(path, write(account, hide=hide, anonymize=anonymize)):
                output.write(piece)
            saved.append(account)

        yield save
    for account in saved:
        terminal.note(_note(path, account, anonymize=anonymize))


def _packed(path: Path, pieces: Iterable[bytes]) -> Iterator[bytes]:
    if path.suffix.lower() != ".gz":
        yield from pieces
        return
    packer = zlib.compressobj(wbits=_GZIP)
    yield from map(packer.compress, pieces)
    yield packer.flush()


def _note(path: Path, account: Account, *, anonymize: bool) -> str:
    from cxone_rollcall.model.wording import counted
    from cxone_rollcall.views.text import printable

    sent = counted(len(account.exchanges), "request")
    left_out = sum(bool(exchange.left_out) for exchange in account.exchanges)
    less = f", {left_out} of them without a body" if left_out else ""
    names = "stand-ins for agents' names" if anonymize else "agents' names and e-mails; --anonymize replaces them"
    return f"case saved: {printable(str(path))} ({sent}{less}; with {names})"


def load(path: Path) -> Reading:
    """Read a case file; raises `SettingError` if it cannot be read."""
    from cxone_rollcall.casefile import reader
    from cxone_rollcall.config.read_file import read_file
    from cxone_rollcall.views.text import printable

    name = printable(str(path))
    try:
        data: bytes | bytearray
        data, _ = read_file(path, largest=reader.LARGEST, named=name)
    except OSError as error:
        raise SettingError(f"{name} cannot be read: {error.strerror}") from error
    if data.startswith(_GZIP_BEGINS):
        data = _unpacked(data, name, reader.LARGEST)
    if len(data) > reader.LARGEST:
        raise reader.too_large(name)
    return reader.read(data, name)


def _unpacked(data: bytes, name: str, most: int) -> bytearray:
    """The bytes unpacked from gzip, at most one more than `most`. A small file can expand to any size."""
    unpacker = zlib.decompressobj(wbits=_GZIP)
    whole = bytearray()  # grows in place: pieces that are joined take twice the memory
    try:
        while not unpacker.eof and len(whole) <= most:
            piece = unpacker.decompress(data, min(_PIECE, most + 1 - len(whole)))
            data = unpacker.unconsumed_tail
            if not piece and not data:
                break
            whole += piece
    except zlib.error as error:
        raise SettingError(f"{name} cannot be decompressed: {error}. Get the file again") from error
    if not unpacker.eof and len(whole) <= most:
        raise SettingError(f"{name} cannot be decompressed: it is truncated. Get the file again")
    return whole
