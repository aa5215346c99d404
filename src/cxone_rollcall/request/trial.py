"""Sends a program's request unchanged, then with one change at a time. It ends when nothing is missing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from cxone_rollcall.client import Answered, Client, RosterPage, StateRows, V2Api
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.failure import Stage
from cxone_rollcall.model.observations.request import (
    AS_IT_STANDS,
    Asked,
    Change,
    ChangeAsked,
    RequestAsked,
    TheirToken,
    What,
)
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import Record, replace
from cxone_rollcall.request.background import at_a_host_for_our_token, expected_of, hosts_of, known_of
from cxone_rollcall.request.candidates import Candidate, candidates
from cxone_rollcall.request.corrected import corrected
from cxone_rollcall.request.pages import next_page, rows_in_other_states, summed
from cxone_rollcall.request.question import Question
from cxone_rollcall.request.secrets import headers_of
from cxone_rollcall.roll.ledger import granted

if TYPE_CHECKING:
    from cxone_rollcall.roll import Ledger

MOST_ASKED = 60
"""Requests that are sent for one request of a program, retries included."""
MOST_CHANGES = 4
"""Changes that are made one after the other. A request with more mistakes is rare."""
TURNS, TURNS_OF_ONE = 1, 3
"""Repetitions of a change that helps. More if it shows only one agent: one row is easily lost by chance."""
MOST_PAGES = 20
MOST_LEAVING = 5
"""Missing agents who may have logged out since rollcall requested their states. More at once are no coincidence."""
MOST_BATCHES = 8
_TOGETHER = frozenset(
    {
        *(Change.PATH, Change.VERSION, Change.TOKEN),
        *(Change.RESOLVED, Change.SEPARATOR, Change.POISON),
        *(Change.STATE, Change.SINCE, Change.PARAMETER),
    }
)
"""Changes that may only help together. Such as names instead of ids, and a filter; or a wrong path and a bad token."""


_Asks = Callable[[], Awaitable[Asked]]


class _Tried(Record):
    """A candidate, the requests that it makes, and the response."""

    candidate: Candidate
    questions: tuple[Question, ...]
    answer: Asked


class _Spent(Exception):
    """The requests for this trial are used up."""


class Trial:
    """One request of a program, sent through `client`. `ledger` is what rollcall's own roll call has learned.

    `demo` sends it to the client's host whatever host it names. `probing` is that of `--probes`: "off" changes nothing,
    "deep" tries each change even if nothing is missing.
    """

    def __init__(
        self,
        client: Client,
        ledger: Ledger,
        question: Question,
        *,
        demo: bool,
        probing: str,
        progress: Callable[[], None],
    ) -> None:
        self._client = client
        if not demo:
            question = at_a_host_for_our_token(question, hosts_of(client))
        self._question = replace(question, signed=demo or question.request.token_left_out)
        self._demo = demo
        self._tries, self._always = probing != "off", probing == "deep"
        self._progress = progress
        self._began = len(client.log.exchanges)
        self._home = client.log.recorder.home
        self.expected = expected_of(question, ledger)
        self._known = known_of(client, ledger, question, demo=demo)
        self._changes: list[ChangeAsked] = []
        self._wanted = self.expected
        self._spent = self._ended = False
        self._first: Asked | None = None
        self._questions: tuple[Question, ...] = (self._question,)
        self._beside = AS_IT_STANDS
        self._links: dict[int, str] = {}
        """Links to next pages, by the exchange that has them."""

    async def run(self) -> None:
        """Send the request and its changes. `seen` has the responses, also if this is interrupted."""
        self._first = current = await self._ask(self._question)
        for _ in range(MOST_CHANGES):
            adopted = await self._change(self._questions[0], current) if self._may_change(current) else None
            if adopted is None:
                break
            self._questions, current = adopted.questions, adopted.answer
            self._beside = f"{adopted.candidate.what}, and nothing else"
            if adopted.candidate.change is Change.NO_IDS and not adopted.candidate.said:
                self._wanted &= current.found  # these ids are a sample of those that are missing
            if self._always:
                break
        if current.rows is not None:
            self.expected -= await self._logged_out_since(self._missing(current), current)
        self._ended = True

    def _may_change(self, current: Asked) -> bool:
        """Whether a change may help. Each change of a request that was not sent would need the same token."""
        is_one = len(self._questions) == 1
        return is_one and not current.unsent and self._tries and (self._always or self._lacks(current))

    def seen(self) -> RequestAsked | None:
        """What the responses were so far; None before the first one."""
        if self._first is None:
            return None
        question, redact = self._question, self._client.secrets.redact
        return RequestAsked(
            method="GET",
            target=redact(question.target),
            form=question.request.form,
            what=question.what,
            contract=question.contract,
            first=self._first,
            expected=self.expected,
            ids=question.ids,
            changes=tuple(self._changes),
            token=self._token(),
            corrected=redact(corrected(self._questions)),
            remarks=question.request.remarks,
            spent=self._spent or not (self._ended and self._tries),
        )

    async def _logged_out_since(self, missing: frozenset[str], answer: Asked) -> frozenset[str]:
        """The missing agents who have logged out meanwhile. Only a few are requested.

        People log out while rollcall requests. Only a response with an agent who has a row shows it.
        """
        api, present = self._client.api, sorted(answer.found)[:1]
        if not missing or len(missing) > MOST_LEAVING or self._question.what is What.ROSTER:
            return frozenset()
        try:
            if isinstance(api, V2Api):
                states = (await api.states((*present, *sorted(missing)), stage=Stage.PROBE)).value
                logged_in = {row.agent_id for row in states.rows if row.logged_in}
                return missing - logged_in if present and logged_in.issuperset(present) else frozenset()
            rows = [row for one in sorted(missing) for row in (await api.state_of(one)).value.rows]
        except RequestFailed:
            return frozenset()
        return missing.intersection(row.agent_id for row in rows if not row.logged_in)

    def _token(self) -> TheirToken:
        """What the request's own token says of itself."""
        text = self._question.authorization
        token = self._client.foreign.token(Secret(text.rpartition(" ")[2]))
        now = self._client.server_clock.now()
        return TheirToken(
            sent=bool(text),
            expired=now - token.expires_at if token.expires_at is not None and token.expires_at < now else None,
            scopes=None if token.scopes is None else tuple(sorted(token.scopes)),
            tenant=granted(token).tenant,
        )

    async def _change(self, question: Question, answer: Asked) -> _Tried | None:
        """Try each change; adopt, repeat and return the one that helps most."""
        tried: list[_Tried] = []
        done = {one.change for one in self._changes if one.adopted} - {Change.PARAMETER}
        with self._until_spent():
            for candidate in candidates(question, answer, self._missing(answer), self._known):
                if candidate.change in done:
                    continue
                tried.append(await self._try(candidate, question, answer))
                if not self._always and not self._lacks(tried[-1].answer):
                    break
        best = max(tried, key=lambda one: self._gain(answer, one.answer, one.candidate.change), default=None)
        if best is None or not self._helps(answer, best.answer):
            for one in tried:
                self._note(one, [answer])
            with self._until_spent():
                return await self._together(question, answer, [one.candidate for one in tried])
            return None
        for one in tried:
            if one is not best:
                self._note(one, [answer])
        before, after = [answer], [best.answer]

        async def changed() -> Asked:
            return (await self._try(best.candidate, question, answer)).answer

        with self._until_spent():
            await self._in_turns(before, after, changed, lambda: self._ask(question))
        self._note(best, before, *after[1:], beside=self._beside)
        return best

    async def _in_turns(self, before: list[Asked], after: list[Asked], changed: _Asks, unchanged: _Asks) -> None:
        """Repeat both requests, and add the responses.

        The request that lacks rows is sent twice in a row: two backends may answer alternately, and always the first
        one this request.
        """
        of_one = before[0].rows is not None and len(after[0].found - before[0].found) == 1
        for _ in range(TURNS_OF_ONE if of_one else TURNS):
            after.append(await changed())
            before += [await unchanged(), await unchanged()]

    @contextmanager
    def _until_spent(self) -> Iterator[None]:
        """End the block quietly when the requests are used up."""
        try:
            yield
        except _Spent:
            self._spent = True

    async def _try(self, candidate: Candidate, question: Question, answer: Asked) -> _Tried:
        questions = candidate.apply(question)
        if candidate.change is Change.PAGES and not candidate.said:
            return _Tried(candidate, questions, await self._pages(question, answer))
        return _Tried(candidate, questions, await self._ask_all(questions))

    async def _together(self, question: Question, answer: Asked, tried: Sequence[Candidate]) -> _Tried | None:
        """All changes at once, if none helps alone.

        The changes that the result needs are adopted, each shown by leaving it out.
        """
        some = [one for one in tried if one.change in _TOGETHER]
        if len(some) < 2:
            return None
        whole = _applied(question, some)
        with_all = await self._ask(whole)
        if not self._helps(answer, with_all):
            return None
        needed: list[Candidate] = []
        for one in some:
            without = _applied(question, [other for other in some if other is not one])
            left_out = await self._ask(without)
            if self._helps(left_out, with_all):
                needed.append(one)
                before, after = [left_out], [with_all]
                await self._in_turns(before, after, partial(self._ask, whole), partial(self._ask, without))
                self._note(_Tried(one, (whole,), with_all), before, *after[1:], beside="with all other changes")
        whole = _applied(question, needed)
        return _Tried(some[0], (whole,), with_all) if needed else None

    def _note(self, tried: _Tried, before: Sequence[Asked], *again: Asked, beside: str = "") -> None:
        """Note a change, with the responses before and after it.

        `again` are more responses with it. It is adopted if it has a `beside`.
        """
        candidate = tried.candidate
        self._changes.append(
            ChangeAsked(
                change=candidate.change,
                what=candidate.what if self._beside == AS_IT_STANDS else f"also {candidate.what}",
                beside=beside or self._beside,
                before=tuple(before),
                after=(tried.answer, *again),
                said=candidate.said,
                instead=candidate.instead,
                adopted=bool(beside),
            )
        )

    def _missing(self, answer: Asked) -> frozenset[str]:
        return self._wanted - answer.found

    def _lacks(self, answer: Asked) -> bool:
        return answer.rows is None or bool(self._missing(answer))

    def _helps(self, before: Asked, after: Asked) -> bool:
        if after.rows is None:
            return False
        return before.rows is None or bool(after.found - before.found)

    def _gain(self, before: Asked, after: Asked, change: Change) -> tuple[bool, bool, int, int]:
        """How much a change helps, to compare.

        Among equals the first step of a request's way counts, and the right spelling before all.
        """
        helps = self._helps(before, after)
        order = tuple(Change).index(change)
        return helps, helps and change is Change.SPELLING, len(after.found - before.found), -order

    async def _ask_all(self, questions: Sequence[Question]) -> Asked:
        """Send one request, or some of several batches. Their responses count as one."""
        answers = [await self._ask(one) for one in questions[:MOST_BATCHES]]
        return summed(answers)

    async def _pages(self, question: Question, answer: Asked) -> Asked:
        """Follow the pages of a list. It stops at the last, or when nothing is missing."""
        answers, page = [answer], question
        for _ in range(MOST_PAGES):
            following = next_page(page, self._links.get(answers[-1].exchange))
            if following is None or not answers[-1].rows or not self._missing(summed(answers)):
                break
            page = following
            answers.append(await self._ask(page))
        return summed(answers)

    async def _ask(self, question: Question) -> Asked:
        """Send one request and return its response."""
        if len(self._client.log.exchanges) - self._began >= MOST_ASKED:
            raise _Spent
        headers = headers_of(question.request)
        base = question.request.base
        request = Request(
            method="GET",
            target=question.target,
            purpose="the program's request" if question is self._question else "the program's request, changed",
            headers=tuple(one for one in headers if not (question.signed and one[0].lower() == "authorization")),
            base="" if self._demo or base == self._home else base,
        )
        try:
            answered, ids = await self._answer(request, question)
        except RequestFailed as failed:
            failure = failed.failure
            text = failure.detail or failure.kind.value
            unsent = failure.stage in (Stage.DISCOVERY, Stage.TOKEN)
            return Asked(
                exchange=failure.exchange,
                status=None if unsent else failure.status,
                rows=None,
                failure=text,
                kind=failure.kind.value,
                unsent=unsent,
            )
        finally:
            self._progress()
        value = answered.value
        if value.links.next:
            self._links[answered.exchange] = value.links.next
        return Asked(
            exchange=answered.exchange,
            status=self._client.log.exchanges[answered.exchange - 1].status,
            rows=len(value.rows),
            failure=value.complaint,
            found=self.expected.intersection(ids),
            at=value.found_at or "",
            no_content=value.no_content,
            other_states=rows_in_other_states(question, value),
        )

    async def _answer(
        self, request: Request, question: Question
    ) -> tuple[Answered[RosterPage] | Answered[StateRows], list[str]]:
        """The response, and the ids of the agents that it shows. For states, of those logged in."""
        contract, foreign = question.contract or self._client.contract.name, self._client.foreign
        signed = question.signed
        if question.what is What.ROSTER:
            page = await foreign.roster(request, contract, signed=signed)
            return page, [one.agent_id for one in page.value.rows]
        states = await foreign.states(request, contract, signed=signed)
        return states, [row.agent_id for row in states.value.rows if row.logged_in]


def _applied(question: Question, changes: Sequence[Candidate]) -> Question:
    for change in changes:
        (question,) = change.apply(question)
    return question
