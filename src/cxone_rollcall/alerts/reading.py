"""Reads and checks an alert file. Each error names the line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, get_args

from cxone_rollcall.alerts.rules import AlertFile, Condition, Count, Each, Flapping, Found, Place, Rule, Selector
from cxone_rollcall.config.toml_file import TomlFile, Where, read_toml
from cxone_rollcall.errors import SettingError
from cxone_rollcall.findings.account import BENIGN
from cxone_rollcall.findings.catalogue import FINDINGS
from cxone_rollcall.model.closest_match import closest_match
from cxone_rollcall.model.groups import GROUPS, Group
from cxone_rollcall.model.pasted_text import shown
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.time_span import EXAMPLES, parse_time_span

LARGEST = 1 << 18
"""Bytes of an alert file. A rule has some 200."""
LONGEST_TIME = 400 * 86400.0
LONGEST_NAME = 80
_KINDS = ("each", "count", "flapping", "finding", "stuck")
_RULE_KEYS = ("name", *_KINDS, "for", "keep_firing_for", "limit", "send")
_SELECTOR_KEYS = ("standing", "group", "state", "team")
_PLACE_KEYS = ("type", "url_env", "url_keyring", "secret_env", "secret_keyring", "timeout")
_SECRET_KEYS = {"url": "url_env", "secret": "secret_env", "token": "secret_env", "password": "secret_env"}
_URL = re.compile(r"[a-z][a-z0-9+.-]*://|whsec_", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,99}")
"""Names of variables, in capitals. So a secret in their place is recognized."""


def read_alerts(path: Path) -> AlertFile:
    """Read an alert file. SettingError names the file, the line and what is wrong; it never quotes a secret."""
    return parse_alerts(read_toml(path, largest=LARGEST), named=str(path))


def parse_alerts(text: str, *, named: str) -> AlertFile:
    """The rules and places of a TOML text. SettingError as for `read_alerts`."""
    return _Reader(text, named).file()


class _Reader(TomlFile):
    """Checks the values of an alert file."""

    def file(self) -> AlertFile:
        """The whole file."""
        document = self.values
        self._refuse_secrets(document, ())
        self.check_keys(document, (), ("alert", "send"))
        places = self.table(document.get("send", {}), ("send",))
        sends = tuple(self._place(name, ("send", name), table) for name, table in places.items())
        tables = document.get("alert", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self.refuse(("alert",), "each alert begins with a line of its own: [[alert]]")
        if not tables:
            raise SettingError(
                f"{self.named} has no alert",
                example='[[alert]]\nname = "blind"\ncount = { standing = "unknown", above = 0 }',
            )
        rules: list[Rule] = []
        for number, table in enumerate(tables):
            rules.append(self._rule(("alert", number), table, [place.name for place in sends]))
            if rules[-1].name in [rule.name for rule in rules[:-1]]:
                self.refuse(("alert", number, "name"), f"another alert is called {shown(rules[-1].name)}")
        return AlertFile(rules=tuple(rules), places=sends)

    def _refuse_secrets(self, value: object, path: Where) -> None:
        """Refuse a URL or secret anywhere in the file. A reader of the rules must not be able to send in our name."""
        if isinstance(value, dict):
            for key, inner in value.items():
                self._refuse_secrets(key, path)
                if path[:1] == ("send",) and len(path) == 2 and key.lower() in _SECRET_KEYS:
                    instead = _SECRET_KEYS[key.lower()]
                    self.refuse(
                        (*path, key),
                        f"{key} would be a secret in this file: put it into an environment variable, and name that",
                        example=f'{instead} = "ROLLCALL_DESK_{instead.partition("_")[0].upper()}"',
                    )
                self._refuse_secrets(inner, (*path, key))
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                self._refuse_secrets(inner, (*path, number))
        elif isinstance(value, str) and _URL.search(value):
            self.refuse(
                path,
                "a URL or a secret must not stand in this file: put it into an environment variable, and name that",
                example='url_env = "ROLLCALL_DESK_WEBHOOK"',
            )

    def _rule(self, path: Where, table: Mapping[str, Any], places: Sequence[str]) -> Rule:
        self.check_keys(table, path, _RULE_KEYS)
        if "name" not in table:
            self.refuse(path, "this alert has no name", example='name = "break too long"')
        name = self._words(table["name"], (*path, "name"))
        kinds = [key for key in _KINDS if key in table]
        if len(kinds) != 1:
            self.refuse(path, f"the alert {shown(name)} must have exactly one of {', '.join(_KINDS)}")
        send = table.get("send", [])
        if not isinstance(send, list) or not all(isinstance(one, str) for one in send):
            self.refuse((*path, "send"), "send must be a list of names", example='send = ["desk"]')
        for one in send:
            if one not in places:
                near = closest_match(one, places)
                hint = f"; did you mean {shown(near)}?" if near else f": add a table [send.{one}] with its url_env"
                self.refuse((*path, "send"), f"no place is called {shown(one)}{hint}")
        return Rule(
            name=name,
            condition=self._condition(kinds[0], path, table),
            for_=self._time(table.get("for", "0s"), (*path, "for"), least=0.0),
            keep_firing_for=self._time(table.get("keep_firing_for", "0s"), (*path, "keep_firing_for"), least=0.0),
            send=tuple(dict.fromkeys(send)),
        )

    def _condition(self, kind: str, path: Where, rule: Mapping[str, Any]) -> Condition:
        path, value, limit_path = (*path, kind), rule[kind], (*path, "limit")
        limits = self.table(rule.get("limit", {}), limit_path)
        if limits and kind not in ("each", "stuck", "count"):
            self.refuse(limit_path, f"{kind} has no limit of teams")
        if kind == "finding":
            return Found(self._codes(value, path))
        if kind == "stuck":
            longer = self._time(value, path)
            return Each(
                selector=Selector(standing=Standing.PRESENT), longer_than=longer, limits=self._times(limits, limit_path)
            )
        table = self.table(value, path)
        if kind == "each":
            return self._each(table, path, self._times(limits, limit_path))
        if kind == "count":
            return self._count(
                table, path, {k: self._number(v, (*limit_path, k)) for k, v in limits.items()}, limit_path
            )
        self.check_keys(table, path, ("changes", "within", "team"))
        self._need(table, path, "changes", "within")
        return Flapping(
            selector=self._selector(table, path),
            changes=self._number(table["changes"], (*path, "changes"), least=2),
            within=self._time(table["within"], (*path, "within")),
        )

    def _each(self, table: Mapping[str, Any], path: Where, limits: Mapping[str, float]) -> Each:
        self.check_keys(table, path, (*_SELECTOR_KEYS, "longer_than"))
        selector = self._selector(table, path)
        longer = self._time(table["longer_than"], (*path, "longer_than")) if "longer_than" in table else None
        self._need_what(selector, path)
        if longer is None and limits:
            self.refuse((*path[:-1], "limit"), "limit replaces longer_than for some teams, but longer_than is missing")
        if longer is not None and selector.standing in (Standing.UNKNOWN, Standing.ABSENT):
            self.refuse(
                (*path, "longer_than"),
                f"how long somebody is {selector.standing.value} is said by for",
                example='for = "5m"',
            )
        return Each(selector=selector, longer_than=longer, limits=limits)

    def _count(self, table: Mapping[str, Any], path: Where, limits: Mapping[str, Any], limit_path: Where) -> Count:
        self.check_keys(table, path, (*_SELECTOR_KEYS, "above", "below", "by"))
        if ("above" in table) == ("below" in table):
            self.refuse(
                path, "count must have either above or below", example='count = { group = "available", below = 3 }'
            )
        if "by" in table and table["by"] != "team":
            self.refuse((*path, "by"), "by must be team", example='by = "team"')
        if limits and "by" not in table:
            self.refuse(limit_path, "a limit of teams needs by in count", example='by = "team"')
        selector = self._selector(table, path)
        self._need_what(selector, path)
        return Count(
            selector=selector,
            above=self._number(table["above"], (*path, "above")) if "above" in table else None,
            below=self._number(table["below"], (*path, "below"), least=1) if "below" in table else None,
            by_team="by" in table,
            limits={team.casefold(): self._number(limit, (*limit_path, team)) for team, limit in limits.items()},
        )

    def _selector(self, table: Mapping[str, Any], path: Where) -> Selector:
        standing, group = table.get("standing"), table.get("group")
        standings = [one.value for one in Standing]
        if standing is not None and standing not in standings:
            self.refuse((*path, "standing"), f"standing must be one of {', '.join(standings)}")
        if group is not None and group not in get_args(Group):
            self.refuse((*path, "group"), f"group must be one of {', '.join(GROUPS)}")
        states = self._list(table.get("state", []), (*path, "state"))
        teams = self._list(table.get("team", []), (*path, "team"))
        if (group or states) and standing not in (None, "present"):
            self.refuse((*path, "standing"), f"who is {standing} has no state or group")
        return Selector(
            standing=None if standing is None else Standing(standing),
            group=group,
            states=frozenset(map(str.casefold, states)),
            teams={team.casefold(): team for team in teams},
        )

    def _place(self, name: str, path: Where, table: object) -> Place:
        values = self.table(table, path)
        self.check_keys(values, path, _PLACE_KEYS)
        kind = values.get("type", "webhook")
        if kind not in ("webhook", "apprise"):
            self.refuse((*path, "type"), "type must be webhook or apprise")
        url, url_in = self._kept(values, path, "url")
        secret, secret_in = self._kept(values, path, "secret")
        if url is None:
            self.refuse(path, f"{shown(name)} has no address", example='url_env = "ROLLCALL_DESK_WEBHOOK"')
        if secret is not None and kind == "apprise":
            self.refuse(path, "apprise does not sign: a secret is for a webhook")
        return Place(
            name=name,
            kind=kind,
            url=url,
            url_in=url_in,
            secret=secret,
            secret_in=secret_in,
            timeout=self._time(values.get("timeout", "10s"), (*path, "timeout")),
        )

    def _kept(self, values: Mapping[str, Any], path: Where, what: str) -> tuple[str | None, Any]:
        """The name under which a secret is kept, and where."""
        given = [where for where in ("env", "keyring") if f"{what}_{where}" in values]
        if not given:
            return None, "env"
        key = f"{what}_{given[0]}"
        if len(given) > 1:
            self.refuse((*path, key), f"give {what}_env or {what}_keyring, not both")
        name = values[key]
        if not isinstance(name, str) or not _VARIABLE.fullmatch(name):
            self.refuse(
                (*path, key),
                f"{key} must be the name of {'a variable' if given[0] == 'env' else 'an entry'}: letters, digits and _",
                example=f'{key} = "ROLLCALL_DESK_{what.upper()}"',
            )
        return name, given[0]

    def _codes(self, value: object, path: Where) -> frozenset[str]:
        patterns = self._list(value, path)
        known = [finding.code for finding in FINDINGS if finding.code not in BENIGN]
        codes = frozenset[str]()
        for pattern in patterns:
            found = {code for code in known if fnmatchcase(code, pattern.upper())}
            if not found:
                self.refuse(path, f"no finding to fix matches {shown(pattern)}", example="rollcall explain")
            codes |= found
        if not codes:
            self.refuse(path, "finding must be a code or a pattern", example='finding = "RC2*"')
        return codes

    def _need(self, table: Mapping[str, Any], path: Where, *keys: str) -> None:
        missing = [key for key in keys if key not in table]
        if missing:
            self.refuse(path, f"{missing[0]} is missing")

    def _need_what(self, selector: Selector, path: Where) -> None:
        if selector.standing is None and selector.group is None and not selector.states:
            self.refuse(
                path, "this is about nobody: give a standing, a group or a state", example='group = "available"'
            )

    def _list(self, value: object, path: Where) -> list[str]:
        given = value if isinstance(value, list) else [value]
        return [self._words(one, path) for one in given]

    def _words(self, value: object, path: Where) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_NAME or not value.isprintable():
            self.refuse(path, f"{path[-1]} must be text of 1 to {LONGEST_NAME} printable characters")
        return value.strip()

    def _number(self, value: object, path: Where, *, least: int = 0) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= 10**7:
            self.refuse(path, f"{path[-1]} must be a whole number of at least {least}")
        return value

    def _times(self, limits: Mapping[str, Any], path: Where) -> dict[str, float]:
        return {team.casefold(): self._time(value, (*path, team)) for team, value in limits.items()}

    def _time(self, value: object, path: Where, *, least: float = 1.0) -> float:
        found = parse_time_span(value) if isinstance(value, str) else None
        if found is None:
            self.refuse(path, f"{path[-1]} must be a time such as {EXAMPLES}")
        time = float(found)
        if not least <= time <= LONGEST_TIME:
            self.refuse(path, f"{path[-1]} must be between {least:g} s and 400 days")
        return time
