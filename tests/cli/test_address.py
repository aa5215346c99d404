"""What --listen and --metrics may be."""

from __future__ import annotations

import pytest
from tests.support.many_values import together

from cxone_rollcall.cli.address import address_of
from cxone_rollcall.errors import SettingError


@together(
    "address",
    {
        "127.0.0.1:8080": ("127.0.0.1", 8080),
        " localhost:0 ": ("localhost", 0),
        "h:65535": ("h", 65535),
        "[::1]:80": ("::1", 80),
        "": None,
        "8080": None,
        ":8080": None,
        "[]:8080": None,
        "h:": None,
        "h:-1": None,
        "h:x": None,
        "h:²": None,
        "h:65536": None,
        "h:00000065536": None,
        f"h:{'9' * 5000}": None,
        "::1:80": None,
        "[::1:80": None,
    }.items(),
)
def test_an_address_is_a_host_and_a_port(address: tuple[str, tuple[str, int] | None]) -> None:
    """Host and port are read, an IPv6 address in brackets. All else is refused with the example."""
    text, meant = address
    if meant is not None:
        assert address_of(text, example="--listen h:1") == meant
        return
    with pytest.raises(SettingError, match="must be HOST:PORT") as refused:
        address_of(text, example="--listen h:1")
    assert refused.value.example == "--listen h:1"
