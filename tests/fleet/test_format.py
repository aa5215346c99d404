"""What a fleet keeps in its engine, as in `format.txt`.

Workers of two versions run side by side while a fleet is updated.
"""

from __future__ import annotations

from pathlib import Path

from tests.support.written import assert_as_written, format_of

from cxone_rollcall.fleet.embedded import Plan
from cxone_rollcall.fleet.records import Record, Seen, Snapshot


def test_the_format_stays() -> None:
    """Records, snapshots and plans have the members of `format.txt`."""
    assert_as_written(Path(__file__).with_name("format.txt"), format_of(Record, Snapshot, Seen, Plan))
