"""Every finding's words and evidence are those of `evidence.txt`.

A reader follows evidence to an exchange and a place in it, so a wrong claim, pointer or value misleads. After a change
that is meant, delete the file and run this test, which writes it anew. Read the difference before you commit it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.support.written import assert_as_written

from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.model.failure import A_PAGE, FailureKind, Stage
from cxone_rollcall.model.observations.base import Failures
from cxone_rollcall.model.observations.probes import ServerTimeAsked
from cxone_rollcall.model.observations.request import Change, TheirToken, What
from cxone_rollcall.model.struct import replace

from .build import AGAIN, OWN, PUBLISHED, SCOPES, TENANT, Situation, called, failed, situation, stopped, struck
from .edges import edges
from .test_catalogue import SITUATIONS
from .test_own_request import EMPTY, FULL, change, refused, sent

WRITTEN = Path(__file__).with_name("evidence.txt")
EDGES = Path(__file__).with_name("edges.txt")

REFUSED_BY_401 = situation(
    called("a", unknown="b"),
    PUBLISHED,
    OWN,
    Failures(items=(failed(FailureKind.UNAUTHORIZED, agents="b", status=401),), answered=1),
    ServerTimeAsked(exchange=AGAIN, status=200, accepted=True),
)
"""The token is accepted elsewhere. So the 401 means a permission."""


STATUSES = {
    FailureKind.NOT_THE_API: 200,
    FailureKind.SERVER_TROUBLE: 503,
    FailureKind.NOT_FOUND: 404,
    FailureKind.UNAUTHORIZED: 401,
    FailureKind.FORBIDDEN: 403,
    FailureKind.RATE_LIMITED: 429,
    FailureKind.TOO_LARGE: 414,
    FailureKind.REJECTED: 400,
    FailureKind.DAMAGED: 200,
    FailureKind.TOO_MUCH: 200,
}
"""The status of a failure. Kinds without a response have none."""
TOKEN_ERRORS = ("", "invalid_client", "invalid_grant", "unsupported_grant_type")


def of_failures() -> Iterator[Situation]:
    """Yield each kind of failure at each stage. Each refusal of a token is among them."""
    for tenant in (TENANT, PUBLISHED):
        for kind in FailureKind:
            status, detail = STATUSES.get(kind), "as it said"
            yield stopped(kind, Stage.TOKEN, tenant, status=status, detail=detail)
            yield stopped(kind, Stage.ROSTER, tenant, status=status, detail=detail)
            yield struck(kind, called("a", unknown="bc"), tenant, status=status, detail=detail)
    for tenant in (TENANT, PUBLISHED, replace(PUBLISHED, has_client=False)):
        for kind in (FailureKind.UNAUTHORIZED, FailureKind.FORBIDDEN, FailureKind.REJECTED):
            for error in TOKEN_ERRORS:
                yield stopped(kind, Stage.TOKEN, tenant, status=STATUSES[kind], error=error, host="login.example")
            yield stopped(kind, Stage.TOKEN, tenant, status=STATUSES[kind], detail=f"{A_PAGE}: Blocked")


def of_requests() -> Iterator[Situation]:
    """Yield a program's request with each change. Before the change it had no rows, or was refused."""
    for kind in Change:
        for contract in ("v2", "incontact"):
            yield sent(EMPTY, change(kind, EMPTY, FULL), contract=contract)
        for status in (400, 401, 403, 404):
            answer = refused(5, status)
            yield sent(answer, change(kind, answer, FULL))
    for kind in (Change.NO_IDS, Change.PAGES):
        for instead in ("", "0"):
            yield sent(EMPTY, change(kind, EMPTY, FULL, said="", instead=instead), what=What.ROSTER)
    for token in (TheirToken(sent=True, expired=5_400.0), TheirToken(sent=True, scopes=SCOPES[:1], tenant="theirs")):
        for status in (401, 403):
            answer = refused(5, status)
            yield sent(answer, change(Change.TOKEN, answer, FULL), token=token)


def written(situations: Iterable[Situation]) -> str:
    """Each finding of these situations once. It has its values, whom it explains, and its evidence."""
    found = ("\n".join(_described(finding)) for seen in situations for finding in seen.findings())
    return "".join(f"{text}\n\n" for text in dict.fromkeys(found))


def _described(finding: Finding) -> Iterator[str]:
    own = [name for name in finding.__struct_fields__ if name not in Finding.__struct_fields__]
    values = "".join(f" {name}={getattr(finding, name)!r}" for name in own)
    explained = "everything" if finding.explains_all else ",".join(finding.explains) or "nobody"
    yield f"{finding.code} {finding.name} {finding.strength.value}{values} explains {explained}"
    yield f"    says: {finding.text}"
    yield f"    fix: {finding.fix_text}"
    for one in finding.evidence:
        yield f"    {one.claim} | {one.exchange} | {one.pointer} | {one.seen}"
    if finding.settle:
        yield f"    settle: {finding.settle}"


def test_evidence_is_as_written() -> None:
    """Each finding says, cites and explains what `evidence.txt` has for it."""
    assert_as_written(WRITTEN, written((*SITUATIONS.values(), REFUSED_BY_401, *of_failures(), *of_requests())))


def test_edges_are_as_written() -> None:
    """Each finding at an edge says, cites and explains what `edges.txt` has."""
    assert_as_written(EDGES, written(edges()))
