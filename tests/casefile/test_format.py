"""The format of a case, as in `format.txt`.

That is its names, its types, and what a missing member means. Cases are kept for years: whoever changes the format must
still read the older ones.
"""

from __future__ import annotations

from pathlib import Path

from tests.support.written import assert_as_written, format_of

from cxone_rollcall.casefile.document import OBSERVATIONS, Document
from cxone_rollcall.model.observations import access, base, probes, request, roster, states

MODULES = (access, base, probes, request, roster, states)


def test_the_format_stays() -> None:
    """A case's members and their defaults are those of `format.txt`."""
    arrays = {
        f"{name}: an array of {kind._fields}, by default {kind._field_defaults}\n"
        for module in MODULES
        for name, kind in vars(module).items()
        if hasattr(kind, "_field_defaults")
    }
    written = format_of(Document, *OBSERVATIONS) + "".join(sorted(arrays))
    assert_as_written(Path(__file__).with_name("format.txt"), written)
