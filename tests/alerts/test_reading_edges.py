"""Whole alert files, and the edges of what they may have."""

from __future__ import annotations

import pytest
from tests.alerts.test_reading import WHOLE, refused

from cxone_rollcall.alerts.reading import parse_alerts
from cxone_rollcall.alerts.rules import Count, Each, Flapping, Found, Place, Rule, Selector
from cxone_rollcall.findings.account import BENIGN
from cxone_rollcall.findings.catalogue import FINDINGS
from cxone_rollcall.model.roll import Standing


def test_a_whole_file_is_read() -> None:
    """Rules and places have what the file says. The rest is default."""
    file = parse_alerts(WHOLE, named="alerts.toml")
    selector = Selector(states=frozenset({"break", "lunch"}), teams={"support": "Support"})
    login = frozenset(one.code for one in FINDINGS if one.code.startswith("RC20") and one.code not in BENIGN)
    assert file.rules == (
        Rule(
            name="break too long",
            condition=Each(selector=selector, longer_than=1800.0, limits={"support": 2700.0}),
            for_=60.0,
            keep_firing_for=5400.0,
            send=("desk",),
        ),
        Rule(
            name="few",
            condition=Count(selector=Selector(group="available"), below=3, by_team=True, limits={"support": 5}),
        ),
        Rule(name="flaps", condition=Flapping(selector=Selector(), changes=6, within=600.0)),
        Rule(name="login", condition=Found(login)),
        Rule(name="stuck", condition=Each(selector=Selector(standing=Standing.PRESENT), longer_than=43200.0)),
    )
    assert file.places == (Place(name="desk", url="DESK_URL", secret="DESK_SECRET", secret_in="keyring"),)
    other = (
        '[[alert]]\nname = "x"\nstuck = "1s"\nsend = ["a", "b", "a"]\n[send.a]\nurl_keyring = "A_1"\ntimeout = "3s"\n'
    )
    found = parse_alerts(f'{other}[send.b]\ntype = "apprise"\nurl_env = "B"\n', named="alerts.toml")
    assert found.rules[0].send == ("a", "b")
    assert found.places == (
        Place(name="a", url="A_1", url_in="keyring", timeout=3.0),
        Place(name="b", kind="apprise", url="B"),
    )


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ('count = { group = "available", above = 10000000 }', ""),
        ('count = { group = "available", above = 10000001 }', "whole number of at least 0"),
        ('count = { group = "available", above = 0 }', ""),
        ('count = { group = "available", above = -1 }', "whole number of at least 0"),
        ('count = { group = "available", below = 1 }', ""),
        ('count = { group = "available", above = 1.0 }', "whole number of at least 0"),
        ('flapping = { changes = 2, within = "1s" }', ""),
        ('flapping = { changes = 2, within = "1s", team = ["A", "B"] }', ""),
        ('flapping = { changes = 2, within = "1s", state = "Break" }', "known keys"),
        ('flapping = { within = "1s" }', "changes is missing"),
        ('stuck = "400d"', ""),
        ('stuck = "401d"', "between 1 s and 400 days"),
        ('stuck = "1s"\nfor = "0s"', ""),
        ('stuck = "1s"\nfor = "400d"\nkeep_firing_for = "400d"', ""),
        ('stuck = "1s"\nlimit = { A = "2s" }', ""),
        ('stuck = "1s"\nsend = [1]', "list of names"),
        ('stuck = { }', "must be a time"),
        ('each = { standing = "present", longer_than = "1s" }', ""),
        ('each = { standing = "logged_out", longer_than = "1s" }', ""),
        ('each = { standing = "absent", longer_than = "1s" }', "is said by for"),
        ('each = { standing = "unknown" }', ""),
        ('each = { standing = "present", group = "available" }', ""),
        ('each = { standing = "logged_out", group = "available" }', "has no state or group"),
        ('each = { team = "A" }', "a standing, a group or a state"),
        ('each = { state = [] }', "a standing, a group or a state"),
        ('each = { state = " " }', "1 to 80 printable"),
        (f'each = {{ state = "{"x" * 80}" }}', ""),
        (f'each = {{ state = "{"x" * 81}" }}', "1 to 80 printable"),
        ('finding = ["rc201", "RC3*"]', ""),
        ('finding = "RC902"', ""),
    ],
)  # fmt: skip
def test_the_edges_of_what_a_rule_may_have(inner: str, words: str) -> None:
    """The last value that is taken, and the first that is not."""
    text = f'[[alert]]\nname = "a"\n{inner}\n'
    if words:
        assert words in refused(text)
    else:
        assert [rule.name for rule in parse_alerts(text, named="alerts.toml").rules] == ["a"]
