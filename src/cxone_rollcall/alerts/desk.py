"""Alerts of a running command. They survive a restart."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from pathlib import Path

from cxone_rollcall.alerts import message
from cxone_rollcall.alerts.events import Alert, AlertEvent, AlertState
from cxone_rollcall.alerts.outbox import Outbox
from cxone_rollcall.alerts.rules import AlertFile, Rule
from cxone_rollcall.alerts.secrets import address_of
from cxone_rollcall.alerts.senders import Send, few_at_once, sender_of
from cxone_rollcall.alerts.sight import Sight, sight_of
from cxone_rollcall.alerts.state import LONGEST_NAME, Alerts
from cxone_rollcall.config.folders import data_folder
from cxone_rollcall.config.read_file import read_file
from cxone_rollcall.live.events import Polled
from cxone_rollcall.live.followed import Followed
from cxone_rollcall.model.closest_match import closest_match
from cxone_rollcall.model.wording import counted
from cxone_rollcall.views.text import brief

LARGEST_KEPT = 1 << 26
"""Bytes of the kept alerts. 10,000 people of an alert have some 4 MB."""
LAST_WORDS = 0.5
"""Seconds for the last messages when the command ends. What is left is sent after the next start."""


class AlertDesk:
    """Takes each poll of one tenant, and sends its alerts. Keeps them in a file.

    `complain` is called with one line where the file cannot be read or written; the alerts go on. `clock` gives the
    time in seconds since the epoch, for a tenant whose time is not known yet.
    """

    def __init__(
        self,
        alerts: Alerts,
        outbox: Outbox,
        *,
        tenant: str,
        path: Path,
        complain: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self.alerts = alerts
        self.outbox = outbox
        self._tenant = tenant
        self._path = path
        self._complain = complain
        self._clock = clock
        self._kept = b""
        self._complaint = ""
        self._empty_teams: list[str] | None = None
        """What is said of teams that nobody on the board is in. None until the first whole roster."""

    def take(self, followed: Followed, polled: Polled) -> list[AlertEvent]:
        """Take a poll. Returns its events, which are on their way."""
        now, sight = followed.now(), sight_of(followed, polled)
        if self._empty_teams is None and sight.roster_complete:
            self._empty_teams = list(_empty_teams(self.alerts.rules, sight, self._tenant))
            for one in self._empty_teams:
                self._complain(one)
        return self._send(self.alerts.judge(sight, self._clock() if now is None else now))

    def end_all(self, why: str, now: float | None) -> None:
        """End all alerts, for another reason than evidence. `now` is the tenant's time, if it is known."""
        self._send(self.alerts.end_all(why, self._clock() if now is None else now))

    def _send(self, events: list[AlertEvent]) -> list[AlertEvent]:
        for event in events:
            self.outbox.put(event.id, message.body(event, self._tenant), event.send)
        self.keep()
        return events

    def acknowledge(self, alert_id: str, by: str, note: str, now: float) -> Alert:
        """As `Alerts.acknowledge`, and keep it."""
        alert = self.alerts.acknowledge(alert_id, by, note, now)
        self.keep()
        return alert

    def lines(self) -> list[str]:
        """Alerts and unsent messages in words, one line each."""
        alerts = [message.in_words(one) for one in self.alerts.now if one.state is not AlertState.PENDING]
        unsent = Counter((one.place, one.why) for one in self.outbox.undelivered)
        lines = [f"{counted(number, 'message')} not sent to {place}: {why}" for (place, why), number in unsent.items()]
        return [*alerts, *lines, *(self._empty_teams or ()), *([self._complaint] if self._complaint else [])]

    def _say(self, complaint: str) -> None:
        self._complaint = complaint
        self._complain(complaint)

    def load(self) -> None:
        """Go on from the file, if there is one."""
        try:
            data, _ = read_file(self._path, largest=LARGEST_KEPT)
            values = json.loads(data)
            self.alerts.restore(values["alerts"])
            self.outbox.restore(values["messages"])
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            why = getattr(error, "strerror", None) or "it is damaged"
            self._say(f"the alerts of the last run, {self._path}, cannot be read ({why}): all begin anew")

    def keep(self) -> None:
        """Write the file if anything changed. It appears completely or not at all, for this user alone."""
        kept = json.dumps({"alerts": self.alerts.snapshot(), "messages": self.outbox.snapshot()}).encode()
        if kept == self._kept:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, beside = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(kept)
                    file.flush()
                    os.fsync(handle)
                Path(beside).replace(self._path)
            except BaseException:
                with suppress(OSError):
                    Path(beside).unlink()
                raise
        except OSError as error:
            self._say(f"the alerts cannot be kept in {self._path}: {error.strerror}")
            return
        self._kept = kept


def _empty_teams(rules: Iterable[Rule], sight: Sight, tenant: str) -> Iterator[str]:
    """One line for each team of a rule that nobody is in. Its name may be misspelt, or not be watched."""
    known = {team.casefold(): team for seat in sight.seats.values() if (team := seat.agent.team)}
    for rule in rules:
        for team in rule.teams:
            if team.casefold() not in known:
                near = closest_match(team.casefold(), known)
                meant = f"; did you mean {brief(known[near], LONGEST_NAME)}?" if near else ""
                named = brief(team, LONGEST_NAME)
                yield f"alert {rule.name}: nobody on the board of {tenant} is in team {named}{meant}"


def kept_in(tenant: str, rules: Path, folder: Path | None = None) -> Path:
    """The file that keeps a tenant's alerts. It is in `folder`, by default in the user's data folder."""
    name = sha256(f"{tenant}\0{rules.resolve()}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return (folder or data_folder() / "alerts") / f"{name}.json"


def senders_of(file: AlertFile, environ: Mapping[str, str], clock: Callable[[], float] = time.time) -> dict[str, Send]:
    """The sender of each place, by name. Desks may share them. SettingError if a URL or secret is missing."""
    return {place.name: few_at_once(sender_of(address_of(place, environ), clock)) for place in file.places}


@asynccontextmanager
async def alert_desk(
    rules: Iterable[Rule],
    senders: Mapping[str, Send],
    *,
    tenant: str,
    path: Path,
    complain: Callable[[str], None],
    clock: Callable[[], float] = time.time,
) -> AsyncIterator[AlertDesk]:
    """A desk that sends as long as the context is open.

    `tenant` is the tenant's name in messages; `path` the file that survives a restart.
    """
    alerts, outbox = Alerts(rules, tenant=tenant), Outbox(senders)
    desk = AlertDesk(alerts, outbox, tenant=tenant, path=path, complain=complain, clock=clock)
    desk.load()
    sending = asyncio.ensure_future(outbox.run())
    try:
        yield desk
    finally:
        with suppress(TimeoutError):
            await asyncio.wait_for(outbox.emptied(), LAST_WORDS)
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
        desk.keep()
