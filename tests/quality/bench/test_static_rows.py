"""The static server has the emulated tenant's rows with new ids."""

import json
from itertools import chain

from quality.bench.static_rows import Rows, fill, template_of

ROSTER = b'{"id":30000000002,"firstName":"Ann","userName":"ann.lee","email":"ann.lee@example.com","teamId":101}'
PUBLISHED = b'{"agentId":30000000002,"userName":"ann.lee@example.com","userId":"abcdef00-1111-4222-8333-444444444444"}'
FIRST = 30_000_000_001


def test_the_first_lap_has_the_tenants_rows() -> None:
    """In the first lap a row equals the emulated tenant's."""
    assert fill(template_of(ROSTER), 30_000_000_002, 0) == ROSTER


def test_later_laps_differ() -> None:
    """A later lap has other ids, logins, e-mail addresses and user ids. Nothing else differs."""
    row = json.loads(fill(template_of(ROSTER), 30_000_000_012, 7))
    assert (row["id"], row["userName"], row["email"]) == (30_000_000_012, "ann.lee.7", "ann.lee.7@example.com")
    assert (row["firstName"], row["teamId"]) == ("Ann", 101)
    published = json.loads(fill(template_of(PUBLISHED), 30_000_000_012, 7))
    assert published["userId"] == "007def00-1111-4222-8333-444444444444"
    assert published["userName"] == "ann.lee.7@example.com"


def test_pages() -> None:
    """Pages have 100 agents and repeat. An agent without a row has none in any lap."""
    templates = [template_of(b'{"id":%d}' % (FIRST + place)) if place != 3 else None for place in range(50)]
    rows = Rows(templates, 250, FIRST)
    ids = [[one["id"] - FIRST for one in json.loads(b"[%b]" % page)] for page in rows.pages]
    assert [len(page) for page in ids] == [98, 98, 49]
    assert list(chain.from_iterable(ids)) == [index for index in range(250) if index % 50 != 3]


def test_by_id() -> None:
    """Ids may have any order and either comma. Unknown ids have no row."""
    rows = Rows([template_of(b'{"agentId":%d}' % (FIRST + place)) for place in range(10)], 20, FIRST)
    asked = b"%d,%d%%2C%d" % (FIRST + 15, FIRST + 99, FIRST + 2)
    assert rows.of_ids(asked) == b'{"agentId":%d},{"agentId":%d}' % (FIRST + 15, FIRST + 2)
