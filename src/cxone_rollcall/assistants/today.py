"""Turns a history into an agent's day so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from cxone_rollcall.assistants.answers import MOST_CANDIDATES, candidate
from cxone_rollcall.assistants.documents import Spent, StateData, Stretch, TodayAnswer, TodayData
from cxone_rollcall.assistants.problem import NotAnswered
from cxone_rollcall.assistants.texts import MOST_OF_A_NAME, TenantTexts, plain_id
from cxone_rollcall.errors import SettingError
from cxone_rollcall.history.interval import Person
from cxone_rollcall.history.reading import History, reading
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.timestamp import format_timestamp
from cxone_rollcall.reports.options import Options
from cxone_rollcall.reports.people import Someone, chosen
from cxone_rollcall.reports.pieces import Piece, days
from cxone_rollcall.reports.tally import shown
from cxone_rollcall.reports.window import Period, period_of
from cxone_rollcall.views.text import brief

MOST_STRETCHES = 100


def read_today(
    path: Path, agent: str, zone: ZoneInfo, *, now: float, texts_of: Callable[[Iterable[Agent]], TenantTexts]
) -> TodayAnswer:
    """Read an agent's day so far from a history file. It may be recorded meanwhile.

    `now` is in seconds since the epoch, and `texts_of` makes texts about some agents safe. Raises `NotAnswered` if the
    text means no agent of the day, or several, and `HistoryError` if the file cannot be read.
    """
    with reading(path) as history:
        if not history.recorded.first:
            raise NotAnswered("The history is empty: nothing has been recorded in it yet")
        try:
            period = period_of("today", None, zone, now=now)
        except SettingError:
            raise NotAnswered("The day has just begun: ask again in a second") from None
        options = Options(agents=(agent,))
        try:
            who = chosen(history, period, options)
        except SettingError:
            raise NotAnswered(
                f"Nobody was called {brief(agent, MOST_OF_A_NAME)!r} in today's history, so nothing is known of such"
                " an agent. Ask with an agent id, a user name, an e-mail address or a full name; check lists agent ids"
            ) from None
        everybody = history.people([one.number for one in who.people])
        texts = texts_of([said.agent for one in everybody.values() for said in one])
        if len(who.people) > 1:
            raise NotAnswered(
                f"{len(who.people)} agents were called {brief(agent, MOST_OF_A_NAME)!r} today. Ask with one of the ids"
                " under candidates",
                candidates=[
                    candidate(one.agent_id, one.teams[-1][1], one.name, texts) for one in who.people[:MOST_CANDIDATES]
                ],
            )
        (one,) = who.people
        day = [piece for _, pieces in days(history, period, options, who) for piece in pieces]
        return today_answer(history, period, one, day, texts, everybody[one.number], now=now)


def today_answer(
    history: History,
    period: Period,
    one: Someone,
    day: Sequence[Piece],
    texts: TenantTexts,
    said: Sequence[Person],
    *,
    now: float,
) -> TodayAnswer:
    """The day of one agent. Each second of it lies in exactly one stretch."""
    day = [piece for piece in day if piece.begin < piece.end]
    unknown = sum(piece.end - piece.begin for piece in day if piece.is_unknown)
    as_of = min(history.recorded.answered, history.recorded.last) / 1000
    gone = bool(said) and not said[-1].on_roster
    doubts = []
    if unknown:
        doubts.append(
            f"{unknown} of {period.seconds} seconds of the day are unknown, as nothing proves a state in them"
        )
    ending = f"This is not complete: {doubts[0]}." if doubts else "This is complete."
    sentences = [
        f"{period.seconds - unknown} of {period.seconds} seconds of the day so far are known.",
        "Unknown time may be anything: do not count it as absent, and give shares as ranges." if unknown else "",
        "The list of agents does not have the agent any more." if gone else "",
        ending,
    ]
    return TodayAnswer(
        summary=" ".join(filter(None, sentences)),
        complete=not doubts,
        incomplete_because=doubts,
        as_of=format_timestamp(as_of),
        age=round(max(0.0, now - as_of), 1),
        tenant=brief(history.tenant, MOST_OF_A_NAME),
        agent_id=plain_id(one.agent_id),
        zone=str(period.zone),
        begin=period.at(period.begin).isoformat(),
        end=period.at(period.end).isoformat(),
        known_seconds=period.seconds - unknown,
        unknown_seconds=unknown,
        time_in_state=_spent(day, texts),
        stretches=[_stretch(piece, period, texts) for piece in day[-MOST_STRETCHES:]],
        stretches_omitted=max(0, len(day) - MOST_STRETCHES),
        data=_called(one, texts),
    )


def _spent(day: Sequence[Piece], texts: TenantTexts) -> list[Spent]:
    seconds = Counter({shown(piece.status): 0 for piece in day})
    for piece in day:
        seconds[shown(piece.status)] += piece.end - piece.begin
    return [
        Spent(
            seconds=number,
            standing=state.standing,
            group=state.group,
            data=StateData(state=texts.thing(state.state), sub_state=texts.thing(state.sub_state)),
        )
        for state, number in seconds.most_common()
    ]


def _stretch(piece: Piece, period: Period, texts: TenantTexts) -> Stretch:
    state = shown(piece.status)
    return Stretch(
        begin=period.at(piece.begin).isoformat(),
        end=period.at(piece.end).isoformat(),
        seconds=piece.end - piece.begin,
        standing=state.standing,
        group=state.group,
        cause=piece.status.cause if piece.status is not None else None,
        data=StateData(state=texts.thing(state.state), sub_state=texts.thing(state.sub_state)),
    )


def _called(one: Someone, texts: TenantTexts) -> TodayData:
    team = texts.thing(one.teams[-1][1])
    return TodayData(team=team, name=texts.name(one.name)) if texts.names else TodayData(team=team)
