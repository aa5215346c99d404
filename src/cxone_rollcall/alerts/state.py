"""The alerts of one tenant: from polls to events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

import msgspec

from cxone_rollcall.alerts.events import Acknowledged, Alert, AlertEvent, AlertState, Kind, Subject
from cxone_rollcall.alerts.evidence import GONE, MOVED, Key, Shown, evidence, row_of
from cxone_rollcall.alerts.rules import Each, Flapping, Rule
from cxone_rollcall.alerts.sight import Sight
from cxone_rollcall.alerts.spells import Spells
from cxone_rollcall.alerts.unit import Truth, Unit
from cxone_rollcall.errors import RollcallError
from cxone_rollcall.model.pasted_text import cleaned
from cxone_rollcall.model.struct import Record, field, replace

SCHEMA = "rollcall/alerts/1"
LONGEST_NAME, LONGEST_NOTE = 100, 1000
"""Characters of a name and of a note."""


class AlertUnknown(RollcallError):
    """No alert has this id; it may have ended."""


class _Group(Record, kw_only=True):
    """The units of one rule and team, as last reported.

    `told` are the subjects whose firing was reported.
    """

    id: str
    told: set[str] = field(default_factory=set)
    fires: bool = False
    blind_told: bool = False
    acknowledged: Acknowledged | None = None
    last: Alert | None = None
    ended: str = ""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that survives a restart."""

    schema: str
    tenant: str
    told: int
    units: list[Unit]
    groups: list[tuple[str, str, _Group]]


class Alerts:
    """Takes each poll, and returns the events to send. `now` are the alerts as of the last one.

    An alert begins and ends only on evidence. Without data it becomes blind, which is reported once. If a rule on
    unknown agents is pending or firing, its alert reports that, and the others do not. `tenant` keeps the ids of two
    tenants apart.
    """

    def __init__(self, rules: Iterable[Rule], *, tenant: str = "") -> None:
        self.rules = tuple(rules)
        self._by_name = {rule.name: rule for rule in self.rules}
        self._tenant = tenant
        self._units: dict[Key, Unit] = {}
        self._groups: dict[tuple[str, str], _Group] = {}
        self._told = 0
        self._as_of: float | None = None
        """When the server last looked, as of the last poll. No time passes for states until it looks again."""
        flapping = [rule.condition.within for rule in self.rules if isinstance(rule.condition, Flapping)]
        self._spells = Spells(max(flapping, default=0.0))

    @property
    def now(self) -> tuple[Alert, ...]:
        """The alerts, in the order in which they began."""
        return tuple(self._alert(*key) for key in self._groups)

    @property
    def limits(self) -> dict[str, float]:
        """The limit in seconds of each agent over one, by id. The shortest one, if there are several."""
        limits: dict[str, float] = {}
        for (name, team, agent_id), unit in self._units.items():
            condition = self._by_name[name].condition if name in self._by_name else None
            if unit.firing and isinstance(condition, Each) and condition.longer_than is not None:
                limit = condition.limits.get(team.casefold(), condition.longer_than)
                limits[agent_id] = min(limit, limits.get(agent_id, limit))
        return limits

    def judge(self, sight: Sight, now: float) -> list[AlertEvent]:
        """Take what a poll shows, at a time of the server's clock. Returns the events to send."""
        self._spells.update(sight.seats, sight.doubted, sight.as_of)
        units = dict(self._units)
        for key in [key for key in units if key[0] not in self._by_name]:
            self._end(key, "the rule is no longer in the file")
        known = 0.0 if sight.as_of is None or self._as_of is None else max(0.0, sight.as_of - self._as_of)
        self._as_of = sight.as_of
        for rule in self.rules:
            since_last = min(sight.since_last, known) if rule.needs_data else sight.since_last
            mine = {key: unit for key, unit in units.items() if key[0] == rule.name}
            of_agents = {key[2]: unit for key, unit in mine.items()}
            for key, shown in evidence(rule, sight, mine, self._spells):
                moved = of_agents.get(key[2]) if shown.seat is not None else None
                self._take(rule, key, shown, now, since_last, moved)
        return list(self._tell(now))

    def end_all(self, why: str, now: float) -> list[AlertEvent]:
        """End all alerts, for another reason than evidence. Returns the events to send."""
        for key in list(self._units):
            self._end(key, why)
        return list(self._tell(now))

    def _take(self, rule: Rule, key: Key, shown: Shown, now: float, since_last: float, moved: Unit | None) -> None:
        """Take what a poll shows of a unit. A new one goes on with the time of `moved`, the agent's in another team."""
        unit = self._units.get(key)
        if unit is None:
            unit = Unit(rule=key[0], team=key[1], subject=key[2], began=now)
            if moved is not None:
                unit = replace(moved, team=key[1], firing=False, fired=None)
            self._units[key] = unit
            if key[:2] not in self._groups:
                self._groups[key[:2]] = _Group(id=_digest(self._tenant, rule.name, key[1], f"{now:.6f}"))
        times = {"for_": rule.for_, "keep_firing_for": rule.keep_firing_for, "since_last": since_last}
        if not unit.take(shown.truth, now, **times):
            self._end(key, shown.text if shown.text in (GONE, MOVED) else "")
        elif shown.truth is Truth.TRUE:
            unit.label, unit.text = shown.label, shown.text
            if shown.seat is not None:
                row, latest = row_of(shown.seat), shown.seat.since.latest
                if row == unit.state and unit.state_since is not None:
                    latest = min(latest, unit.state_since)
                unit.state, unit.state_since = row, latest

    def _end(self, key: Key, why: str) -> None:
        group = self._groups[key[:2]]
        if group.last is None:  # several may end at one poll
            group.last, group.ended = self._alert(*key[:2]), why
        del self._units[key]

    def _tell(self, now: float) -> Iterator[AlertEvent]:
        for key, group in list(self._groups.items()):
            units = self._of(*key)
            firing = {unit.subject for unit in units if unit.firing}
            if group.fires and not firing:
                assert group.last is not None  # noqa: S101  a unit has just ended
                yield self._event(Kind.ENDED, now, group.last, why=group.ended)
            if not units or (group.fires and not firing):
                del self._groups[key]
                if units:
                    self._groups[key] = _Group(id=_digest(self._tenant, *key, group.id))
                continue
            new = firing - group.told
            if new:
                alert = self._alert(*key)
                fresh = tuple(one for one in alert.subjects if one.id in new)
                kind = Kind.JOINED if group.fires else Kind.FIRING
                yield self._event(kind, now, replace(alert, subjects=fresh))
            group.fires, group.told, group.last = bool(firing), firing, None
        yield from self._tell_blindness(now)

    def _tell_blindness(self, now: float) -> Iterator[AlertEvent]:
        """What has gone blind, and what is seen again. What goes to the same places is one message."""
        went_blind: dict[tuple[str, ...], list[Alert]] = {}
        for key, group in self._groups.items():
            alert = self._alert(*key)
            blind = alert.state is AlertState.BLIND
            if blind and not group.blind_told and not self._blindness_is_told(alert.team):
                group.blind_told = True
                went_blind.setdefault(alert.send, []).append(alert)
            elif group.blind_told and not blind:
                group.blind_told = False
                yield self._event(Kind.SEEN, now, alert)
        for alerts in went_blind.values():
            yield self._event(Kind.BLIND, now, *alerts)

    def _blindness_is_told(self, team: str) -> bool:
        """Whether a rule on a team's unknown agents is pending or firing."""
        rules = (self._by_name.get(rule) for rule, _ in self._groups)
        return any(rule is not None and rule.tells_blindness_of(team) for rule in rules)

    def _event(self, kind: Kind, now: float, *alerts: Alert, why: str = "") -> AlertEvent:
        """An event of alerts that go to the same places."""
        alerts = tuple(map(_without_pending, alerts))
        self._told += 1
        event_id = f"msg_{_digest(*(alert.id for alert in alerts), kind.value, str(self._told))}"
        return AlertEvent(id=event_id, kind=kind, at=now, alerts=alerts, send=alerts[0].send, why=why)

    def _send(self, rule: str) -> tuple[str, ...]:
        return self._by_name[rule].send if rule in self._by_name else ()

    def _of(self, rule: str, team: str) -> list[Unit]:
        return [unit for key, unit in self._units.items() if key[:2] == (rule, team)]

    def _alert(self, rule: str, team: str) -> Alert:
        group, units = self._groups[rule, team], self._of(rule, team)
        states = {_state(unit) for unit in units}
        fired = [unit.fired for unit in units if unit.fired is not None]
        state = next(state for state in (AlertState.FIRING, AlertState.BLIND, AlertState.PENDING) if state in states)
        return Alert(
            id=group.id,
            name=rule,
            team=team,
            state=state,
            since=min(unit.began for unit in units),
            fired=min(fired, default=None),
            subjects=tuple(
                Subject(
                    id=unit.subject,
                    label=unit.label,
                    text=unit.text,
                    since=unit.began,
                    state=_state(unit),
                    is_agent=unit.state is not None,
                )
                for unit in units
            ),
            acknowledged=group.acknowledged,
            send=self._send(rule),
        )

    def acknowledge(self, alert_id: str, by: str, note: str, now: float) -> Alert:
        """Note who takes an alert over. AlertUnknown if there is none; ValueError if `by` or `note` is unusable."""
        by, note = cleaned(by), note.strip()
        if not by or len(by) > LONGEST_NAME or not by.isprintable():
            raise ValueError(f"by must be a name of 1 to {LONGEST_NAME} characters")
        if len(note) > LONGEST_NOTE:
            raise ValueError(f"note must have at most {LONGEST_NOTE} characters")
        for key, group in self._groups.items():
            if group.id == alert_id:
                group.acknowledged = Acknowledged(by, now, note)
                return self._alert(*key)
        raise AlertUnknown("there is no such alert: it may have ended")

    def snapshot(self) -> dict[str, Any]:
        """All that must survive a restart, as JSON values."""
        groups = [(rule, team, replace(group, last=None)) for (rule, team), group in self._groups.items()]
        snapshot = Snapshot(
            schema=SCHEMA, tenant=self._tenant, told=self._told, units=list(self._units.values()), groups=groups
        )
        values: dict[str, Any] = msgspec.to_builtins(snapshot)
        return values

    def restore(self, values: object) -> None:
        """Go on from a snapshot of the same tenant. ValueError if it is damaged or another tenant's."""
        try:
            snapshot = msgspec.convert(values, Snapshot)
        except msgspec.ValidationError as error:
            raise ValueError(f"the alerts that were kept are damaged: {error}") from None
        if snapshot.schema != SCHEMA or snapshot.tenant != self._tenant:
            raise ValueError("the alerts are those of another tenant or version")
        units = {(unit.rule, unit.team, unit.subject): unit for unit in snapshot.units}
        groups = {(rule, team): group for rule, team, group in snapshot.groups}
        if {key[:2] for key in units} != groups.keys():
            raise ValueError("the alerts do not fit together")
        for unit in units.values():
            unit.settled = None  # no timer ran meanwhile
        self._units, self._groups, self._told = units, groups, snapshot.told


def _without_pending(alert: Alert) -> Alert:
    """The alert with those who fire, or did until now. No message is about others."""
    return replace(alert, subjects=tuple(one for one in alert.subjects if one.state is not AlertState.PENDING))


def _state(unit: Unit) -> AlertState:
    if not unit.firing:
        return AlertState.PENDING
    return AlertState.BLIND if unit.blind else AlertState.FIRING


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]
