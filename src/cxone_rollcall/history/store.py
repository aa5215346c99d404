"""Writes a history file. One process at a time may; readers are never blocked."""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Lock

from filelock import FileLock, Timeout

from cxone_rollcall.errors import HistoryError
from cxone_rollcall.history.backfill import Filling, Gap
from cxone_rollcall.history.checking import naming_damage
from cxone_rollcall.history.deleting import drop_oldest_day, forget
from cxone_rollcall.history.encoding import SOURCES, check_texts, read_statuses, storable
from cxone_rollcall.history.interval import Interval, Open, Proof, Status, shown_milliseconds
from cxone_rollcall.history.private import make_private
from cxone_rollcall.history.recorder import Batch
from cxone_rollcall.history.schema import DAY, HOUR, migrate, version_of
from cxone_rollcall.live.seat import Certainty, Since
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.identity import TenantIdentity
from cxone_rollcall.model.shell import quoted
from cxone_rollcall.model.struct import Value
from cxone_rollcall.version import __version__


class Stopped(Value, frozen=True):
    """What was known when the last recorder stopped. The times are 0 if nothing was recorded."""

    opened: dict[str, Open]
    people: dict[str, Agent]
    until: int
    polled_at: int


@contextmanager
def writing(path: Path, *, tenant: str | None = None) -> Iterator[Store]:
    """Open a history for writing; make it if it is not there.

    `tenant` is what people call the tenant, None to keep the name. Raises `HistoryError` if another process writes in
    the file, if it cannot be written, or if it is no history.
    """
    if not path.parent.is_dir():  # the lock would make it
        raise HistoryError(f"{path.parent} does not exist", example=f"mkdir -p {quoted(str(path.parent))}")
    real = path.resolve()  # a link to the file is the same file: it has the same lock and journal
    holder = Path(f"{real}.holder")
    lock = FileLock(f"{real}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise HistoryError(f"{path} is being recorded by {_holder(holder)}: one process records at a time") from None
    except (OSError, NotImplementedError) as error:  # filelock raises both: the file system may have no locks
        raise _not_writable(path, error) from error
    try:
        with naming_damage(real), closing(_opened(path, real, holder, tenant)) as store:
            yield store
    finally:
        with suppress(OSError):
            holder.unlink()
        lock.release()


def _opened(path: Path, real: Path, holder: Path, tenant: str | None) -> Store:
    try:
        make_private(real)  # SQLite gives its journal the same mode
        holder.write_text(f"process {os.getpid()} on {socket.gethostname()}\n", encoding="utf-8")
        return Store(real, tenant)
    except (OSError, sqlite3.Error) as error:
        raise _not_writable(path, error) from error


def _not_writable(path: Path, error: Exception) -> HistoryError:
    return HistoryError(
        f"{path} cannot be recorded in: {getattr(error, 'strerror', None) or error}",
        example=f"rollcall history check --history {quoted(str(path))}" if path.is_file() else "",
    )


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip() or "another process"
    except OSError:
        return "another process"


class Store:
    """A history file that is open for writing."""

    def __init__(self, path: Path, tenant: str | None = None) -> None:
        self.path = path
        self._name = tenant
        self._lock = Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            version_of(self._db, str(path))  # before anything changes in a file that is no history
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA secure_delete = ON")
            self._db.execute("PRAGMA cache_size = -65536")
            migrate(self._db, str(path))
            self._agents: dict[str, int] = dict(self._db.execute("SELECT agent_id, agent FROM agents"))
            self._statuses = {status: number for number, status in read_statuses(self._db).items()}
            if tenant is not None and self._meta("tenant") is None:
                self._db.execute("INSERT INTO meta VALUES ('tenant', ?)", (tenant,))
        except BaseException:
            self._db.close()
            raise
        self._run: tuple[str, int] | None = None

    def identify(self, seen: TenantIdentity) -> None:
        """Check that the history is of this tenant, and keep its parts.

        Raises `HistoryError` if it is of another one, `sqlite3.Error` if it cannot be written.
        """
        kept = TenantIdentity(**{name: self._meta(name) for name in seen.parts()})
        if seen.differs_from(kept):
            raise HistoryError(
                f"{self.path} has the history of {self._meta('tenant') or 'another tenant'} ({kept}), not of {seen}:"
                " each tenant needs a file of its own",
                example="rollcall record --history another.db",
            )
        with self._transaction():
            for name, value in {"tenant": self._name, **seen.parts()}.items():
                if value:
                    self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def _meta(self, name: str) -> str | None:
        kept = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if kept is None else str(kept[0])

    def remembered(self, name: str) -> int | None:
        """A number that was kept under this name, None without one."""
        with self._lock:
            kept = self._meta(name)
        return None if kept is None else int(kept)

    def remember(self, name: str, number: int) -> None:
        """Keep a number under a name, in place of an older one."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, str(number)))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of what follows or nothing. Other threads wait."""
        with self._lock:
            kept_agents, kept_statuses = dict(self._agents), dict(self._statuses)
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._db.execute("COMMIT")
            except BaseException:
                self._agents, self._statuses, self._run = kept_agents, kept_statuses, None
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the file. What was written is moved out of its journal first."""
        with self._lock:
            with suppress(sqlite3.Error):  # its journal keeps it then
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._db.close()

    def stopped(self) -> Stopped:
        """What was known when the last recorder stopped. Raises `HistoryError` if that cannot be read."""
        try:
            with self._lock:
                return read_stopped(self._db)
        except sqlite3.Error as error:
            raise _not_writable(self.path, error) from error

    def write(self, batch: Batch, *, remember: Mapping[str, int] | None = None) -> None:
        """Store what a poll adds, and numbers by name, whole and durably.

        Raises `sqlite3.Error` if it cannot, and has stored nothing.
        """
        with self._transaction():
            self._write(batch)
            for name, number in (remember or {}).items():
                self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, str(number)))

    def fill(self, fillings: Iterable[Filling]) -> None:
        """Put intervals in the place of gaps, whole and durably. A gap that is no longer there stays away."""
        with self._transaction():
            for one in fillings:
                agent = self._agents.get(one.gap.agent_id)
                if agent is None or self._lengths(agent, one.gap) != [part.end - part.begin for part in one.gap.parts]:
                    continue
                for part in one.gap.parts:
                    self._db.execute("DELETE FROM intervals WHERE (hour, agent, end) = (?, ?, ?)", _key(agent, part))
                    self._db.execute("DELETE FROM long_intervals WHERE (agent, end) = (?, ?)", _key(agent, part)[1:])
                self._insert([(one.gap.agent_id, interval) for interval in one.intervals])
                self._insert_proofs(one.proofs)

    def _lengths(self, agent: int, gap: Gap) -> list[int]:
        """The lengths of a gap's parts as the file has them. Those that it lacks are left out."""
        found: list[tuple[int]] = []
        for part in gap.parts:
            hour, _, end = _key(agent, part)
            found += self._db.execute(
                "SELECT length FROM intervals WHERE (hour, agent, end) = (?1, ?2, ?3) UNION ALL"
                " SELECT length FROM long_intervals WHERE (agent, end) = (?2, ?3)",
                (hour, agent, end),
            )
        return [length for (length,) in found]

    def drop(self, before: int) -> bool:
        """Delete the oldest day, if it ended before a time in milliseconds. Returns whether there was one.

        Raises `sqlite3.Error` if the file cannot be written.
        """
        with self._transaction():
            dropped = drop_oldest_day(self._db, before)
            if dropped:
                self._agents = dict(self._db.execute("SELECT agent_id, agent FROM agents"))
        return dropped

    def forget(self, agent: int) -> None:
        """Delete an agent, given by number, and write the file anew.

        So no free page keeps anything. Raises `HistoryError`: the agent is still there if the file is being read or
        cannot be written. If there is no room for a second copy, the agent is deleted, and the error says that the
        file was not written anew.
        """
        try:
            self._empty_journal()
            with self._transaction():
                forget(self._db, agent)
        except sqlite3.Error as error:
            raise _not_writable(self.path, error) from error
        try:
            self._db.execute("VACUUM")
            self._empty_journal()
        except (sqlite3.Error, HistoryError) as error:
            raise HistoryError(
                f"the agent is deleted, but {self.path} could not be written anew, so free pages may keep old names:"
                f" {error}",
                example=f"sqlite3 {quoted(str(self.path))} 'VACUUM; PRAGMA wal_checkpoint(TRUNCATE)'",
            ) from error

    def _empty_journal(self) -> None:
        """Move all pages out of the journal. A reader keeps it from being emptied."""
        if self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            raise HistoryError(f"{self.path} is being read, so its journal keeps old pages: end what reads it first")

    def _write(self, batch: Batch) -> None:
        self._write_people(batch)
        self._insert(batch.closed)
        many = self._db.executemany
        gone = [(self._agents[agent_id],) for agent_id, now in batch.opened.items() if now is None]
        many("DELETE FROM current WHERE agent = ?", gone)
        many(
            "INSERT OR REPLACE INTO current VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [self._current(agent_id, now) for agent_id, now in batch.opened.items() if now is not None],
        )
        if batch.resumes is not None:
            self._db.execute("UPDATE troubles SET end = max(begin, ?) WHERE end IS NULL", (batch.resumes,))
        for one in batch.troubles:
            self._db.execute("UPDATE troubles SET end = ? WHERE code = ? AND end IS NULL", (one.at, one.code))
            if one.begins:
                trouble = (one.code, one.at, one.strength, storable(one.message))
                self._db.execute("INSERT OR REPLACE INTO troubles VALUES (?, ?, NULL, ?, ?)", trouble)
        self._insert_proofs(batch.proofs)
        if batch.down is not None:
            self._db.execute("INSERT OR IGNORE INTO downs VALUES (?, ?, ?)", batch.down)
        poll = batch.poll
        run, missed = self._run_of(poll.run, poll.as_of), poll.missed or None
        received_at = max(poll.received_at, poll.at)
        polled = (run, poll.number, poll.at, poll.as_of, poll.ok, poll.complete, missed, received_at)
        self._db.execute("INSERT INTO polls VALUES (?, ?, ?, ?, ?, ?, ?, ?)", polled)

    def _insert(self, closed: Iterable[tuple[str, Interval]]) -> None:
        short, long = list[tuple[object, ...]](), list[tuple[object, ...]]()
        for agent_id, one in closed:
            row = self._row(agent_id, one)
            (long if row[2] > DAY else short).append(row)
        self._db.executemany("INSERT INTO intervals VALUES (?2 / 3600000, ?1, ?2, ?3, ?4, ?5, ?6)", short)
        self._db.executemany("INSERT INTO long_intervals VALUES (?, ?, ?, ?, ?, ?)", long)

    def _insert_proofs(self, proofs: Iterable[Proof]) -> None:
        rows = [(self._agents[one.agent_id], one.begin, one.end, storable(one.text)) for one in proofs]
        self._db.executemany("INSERT OR REPLACE INTO proofs VALUES (?, ?, ?, ?)", rows)

    def _write_people(self, batch: Batch) -> None:
        rows = []
        for person in batch.people:
            one = person.agent
            number = self._agents.get(one.agent_id)
            if number is None:
                added = self._db.execute("INSERT INTO agents (agent_id) VALUES (?)", (storable(one.agent_id),))
                number = self._agents[one.agent_id] = added.lastrowid or 0
            name, user_name, email, team, user_id = map(
                storable, (one.name, one.user_name, one.email, one.team, one.user_id)
            )
            rows.append((number, person.at, person.on_roster, name, user_name, email, team, one.active, user_id))
        self._db.executemany("INSERT OR REPLACE INTO people VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def _row(self, agent_id: str, one: Interval) -> tuple[int, int, int, int, int | None, int]:
        """An interval as a row: agent, end, length, status, slack, source."""
        number = self._status(one.status)
        return self._agents[agent_id], one.end, one.end - one.begin, number, one.slack, SOURCES.index(one.source)

    def _current(self, agent_id: str, now: Open) -> tuple[object, ...]:
        since = now.since
        return (
            self._agents[agent_id],
            now.begin,
            self._status(now.status),
            now.slack,
            since and since.certainty.value,
            since and shown_milliseconds(since.latest),
            None if since is None or since.earliest is None else shown_milliseconds(since.earliest),
            storable(now.row_since),
            now.known_until,
            None if now.held is None else self._status(now.held),
        )

    def _status(self, status: Status) -> int:
        number = self._statuses.get(status)
        if number is None:
            number = self._statuses[status] = max(self._statuses.values(), default=0) + 1  # a saved file has holes
            state, sub_state = storable(status.state), storable(status.sub_state)
            row = (number, status.standing, state, sub_state, status.group, status.cause)
            self._db.execute("INSERT INTO statuses VALUES (?, ?, ?, ?, ?, ?)", row)
        return number

    def _run_of(self, name: str, began: int) -> int:
        if self._run is None or self._run[0] != name:
            known = self._db.execute("SELECT run FROM runs WHERE name = ?", (name,)).fetchone()
            if known is None:
                row = (name, began, __version__)
                added = self._db.execute("INSERT INTO runs (name, began, version) VALUES (?, ?, ?)", row)
                known = (added.lastrowid or 0,)
            self._run = name, known[0]
        return self._run[1]


def _key(agent: int, one: Interval) -> tuple[int, int, int]:
    """An interval's key in the file: hour, agent, end."""
    return one.end // HOUR, agent, one.end


def read_stopped(db: sqlite3.Connection) -> Stopped:
    """What was known when the last recorder stopped."""
    statuses = read_statuses(db)
    opened = {}
    for agent_id, begin, status, slack, certainty, latest, earliest, row_since, known_until, held in db.execute(
        "SELECT agent_id, begin, status, slack, certainty, since_latest, since_earliest, row_since, known_until, held"
        " FROM current JOIN agents USING (agent)"
    ):
        since = None
        if certainty is not None:
            since = Since(latest / 1000, Certainty(certainty), None if earliest is None else earliest / 1000)
        opened[agent_id] = Open(begin, statuses[status], slack, since, row_since, known_until, statuses.get(held))
    people = {}
    for active, *rest in db.execute(
        "SELECT active, agent_id, name, user_name, email, team, user_id FROM people JOIN agents USING (agent)"
        " WHERE (agent, at) IN (SELECT agent, max(at) FROM people GROUP BY agent) AND on_roster"
    ):
        check_texts(rest)
        agent_id, name, user_name, email, team, user_id = rest
        is_active = None if active is None else bool(active)
        people[agent_id] = Agent(agent_id, name, user_name, email, team, is_active, None, user_id)
    until, polled_at = db.execute("SELECT coalesce(max(as_of), 0), coalesce(max(received_at), 0) FROM polls").fetchone()
    return Stopped(opened, people, until, polled_at)
