"""What alerts keep over a restart, as in `format.txt`."""

from __future__ import annotations

from pathlib import Path

from tests.support.written import assert_as_written, format_of

from cxone_rollcall.alerts.outbox import Message
from cxone_rollcall.alerts.state import Snapshot


def test_the_format_stays() -> None:
    """Snapshots and waiting messages have the members of `format.txt`."""
    assert_as_written(Path(__file__).with_name("format.txt"), format_of(Snapshot, Message))
