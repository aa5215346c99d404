"""The rules of an alert file, as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from cxone_rollcall.model.groups import Group
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import Value, field


class Selector(Value, frozen=True, kw_only=True):
    """Which agents a rule is about. None and () select all.

    `states` are casefolded: a state, a sub-state, or both (`break - lunch`). `teams` maps each casefolded name to the
    name as written.
    """

    standing: Standing | None = None
    group: Group | None = None
    states: frozenset[str] = frozenset()
    teams: Mapping[str, str] = field(default_factory=dict)


class Each(Value, frozen=True, kw_only=True):
    """True of each selected agent.

    With `longer_than`, only if the state has lasted for these seconds. `limits` are the
    seconds of teams, casefolded, that have their own.
    """

    selector: Selector
    longer_than: float | None = None
    limits: Mapping[str, float] = field(default_factory=dict)


class Count(Value, frozen=True, kw_only=True):
    """True if more than `above`, or fewer than `below`, agents are selected. One of them is None.

    With `by_team` each team is counted apart; `limits` are the numbers of teams, casefolded, that have their own.
    """

    selector: Selector
    above: int | None = None
    below: int | None = None
    by_team: bool = False
    limits: Mapping[str, float] = field(default_factory=dict)


class Flapping(Value, frozen=True, kw_only=True):
    """True of each agent whose state changes too often.

    That is at least `changes` times `within` some seconds. Only teams are selected.
    """

    selector: Selector
    changes: int
    within: float


class Found(Value, frozen=True):
    """True of each finding whose code is one of these."""

    codes: frozenset[str]


Condition = Each | Count | Flapping | Found


class Rule(Value, frozen=True, kw_only=True):
    """One alert of the file. Times are in seconds; `send` names where its messages go."""

    name: str
    condition: Condition
    for_: float = 0.0
    keep_firing_for: float = 0.0
    send: tuple[str, ...] = ()

    @property
    def teams(self) -> tuple[str, ...]:
        """The teams that it names. Those of limits are casefolded."""
        if isinstance(self.condition, Found):
            return ()
        selected = self.condition.selector.teams
        limits = () if isinstance(self.condition, Flapping) else self.condition.limits
        return (*selected.values(), *(one for one in limits if one not in selected))

    @property
    def needs_data(self) -> bool:
        """Whether it is about states. Of unknown agents and of findings, old data says as much."""
        return not isinstance(self.condition, Found) and self.condition.selector.standing is not Standing.UNKNOWN

    def tells_blindness_of(self, team: str) -> bool:
        """Whether it counts the unknown agents of a team. "" is all teams."""
        if isinstance(self.condition, Found) or self.needs_data:
            return False
        selector = self.condition.selector
        return not selector.teams or team.casefold() in selector.teams


class Place(Value, frozen=True, kw_only=True):
    """Where messages go. It names where its URL and secret are kept. None holds a secret itself.

    `kind` is `webhook` (JSON, signed) or `apprise`. `url` and `secret` name an environment variable or a keyring entry.
    """

    name: str
    kind: Literal["webhook", "apprise"] = "webhook"
    url: str
    url_in: Literal["env", "keyring"] = "env"
    secret: str | None = None
    secret_in: Literal["env", "keyring"] = "env"  # noqa: S105  where it is, not what
    timeout: float = 10.0


class AlertFile(Value, frozen=True, kw_only=True):
    """The rules of a file, and the places where their messages go."""

    rules: tuple[Rule, ...]
    places: tuple[Place, ...]
