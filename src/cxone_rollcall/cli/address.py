"""The address that a command listens on."""

from __future__ import annotations

from cxone_rollcall.errors import SettingError


def address_of(text: str, *, example: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`. An IPv6 address is in brackets. `SettingError` has the `example`."""
    host, colon, port = text.strip().rpartition(":")
    name = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    numeric = port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65535
    if not colon or not name or not numeric or (":" in name and name == host):
        raise SettingError(f"--listen must be HOST:PORT, not {text!r}", example=example)
    return name, int(port)
