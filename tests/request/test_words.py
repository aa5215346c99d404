"""The words about each request are those of `words.txt`. They are its sentence, its changes, and the corrected request.

After a change that is meant, delete the file and run this test, which writes it anew. Read the difference before you
commit it.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.request import test_incontact, test_v2
from tests.request.conftest import Explain
from tests.support.written import assert_as_written

WRITTEN = Path(__file__).with_name("words.txt")
VARIES = re.compile(r"127\.0\.0\.1:\d+|\d{4}-\d\d-\d\dT[\d:%.A]+Z")
"""The tenant's address, and the time."""
MANY = re.compile(r"((?:,|%2C)\d+){2,}")
"""Most ids of a long list."""


async def test_words_are_as_written(explain: Explain) -> None:
    """Each request has the words that `words.txt` has for it."""
    lines = []
    for contract, cases in (("v2", test_v2.CASES), ("incontact", test_incontact.CASES)):
        for name, case in cases.items():
            told = await explain(case.target, *case.faults, contract=contract, **case.more)
            changed = [f"{one['what']}: {one['status']}, {one['rows']} rows" for one in told.request["changed"]]
            said = "\n    ".join((told.request["sentence"], *changed, *told.request["corrected"].splitlines()))
            lines.append(f"{contract}, {name}\n    {MANY.sub(',...', VARIES.sub('VARIES', said))}\n\n")
    assert_as_written(WRITTEN, "".join(lines))
