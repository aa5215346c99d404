"""The catalogue is consistent. Codes, names, pages, declarations, and one example for each finding."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import pairwise
from string import Formatter

from tests.support.many_values import together

from cxone_rollcall.findings import agent, contradiction, failed_requests, internal, own_request
from cxone_rollcall.findings.catalogue import CHECKS, FINDINGS, by_code
from cxone_rollcall.findings.check import Check, Ended
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.judge import judge
from cxone_rollcall.findings.page import HEADINGS, page_of
from cxone_rollcall.model.observations.access import TokenGranted, VersionsFallenBack
from cxone_rollcall.model.observations.probes import (
    ActivityAsked,
    BusinessUnitAsked,
    EverybodyAsked,
    NeighbourVersionsAsked,
    ServerTimeAsked,
    SkillsAsked,
    StateRespelt,
    TypedIdsAsked,
)
from cxone_rollcall.model.observations.request import Asked, RequestAsked, What
from cxone_rollcall.model.observations.states import AgentsAskedAlone, DeltaAsked, StatesAsked, StatesFiltered

from . import (
    test_activity,
    test_agent,
    test_batch,
    test_connectivity,
    test_contradiction,
    test_credentials,
    test_endpoint,
    test_freshness,
    test_identifiers,
    test_incontact,
    test_own_filters,
    test_own_request,
    test_permission,
    test_response,
    test_roster,
    test_state_filter,
    test_stuck_state,
    test_updated_since,
    test_user_login,
    test_visibility,
)
from .build import AGAIN, Example, Situation, called, other_contract, situation

FAMILIES = (
    test_connectivity,
    test_endpoint,
    test_credentials,
    test_user_login,
    test_permission,
    test_visibility,
    test_incontact,
    test_identifiers,
    test_batch,
    test_state_filter,
    test_updated_since,
    test_roster,
    test_response,
    test_agent,
    test_activity,
    test_stuck_state,
    test_freshness,
    test_own_filters,
    test_contradiction,
    test_own_request,
)
SINCE = "2026-03-02T10:30:00Z"
EXAMPLES: tuple[Example, ...] = tuple(example for family in FAMILIES for example in family.EXAMPLES)
ALL_SEEN = situation(
    called("ab", absent="c", logged_out="d"),
    other_contract(answers=False),
    TypedIdsAsked(items=()),
    StatesFiltered(state="Available", with_row=frozenset("ab"), asked={}),
    StateRespelt(meant="Available", rows=0, exchange=AGAIN, agents=()),
    DeltaAsked(since=SINCE, with_row=frozenset("ab"), exchange=AGAIN),
    AgentsAskedAlone(),
    VersionsFallenBack(),
    NeighbourVersionsAsked(path="agents", pinned="34", exchange=AGAIN),
    ServerTimeAsked(exchange=AGAIN, status=401, accepted=False),
    BusinessUnitAsked(exchange=AGAIN, tenant=None),
    SkillsAsked(exchange=AGAIN, logged_in=1),
    EverybodyAsked(exchange=AGAIN, rows=2),
    ActivityAsked(asked=("c",), items=()),
    RequestAsked(
        method="GET",
        target="/api/v2/agents/states",
        form="address",
        what=What.STATES,
        contract="v2",
        first=Asked(exchange=AGAIN, status=200, rows=2, found=frozenset("ab")),
        expected=frozenset("ab"),
    ),
)
"""A situation with every observation, so that no check is skipped."""
SITUATIONS = {
    "all seen": ALL_SEEN,
    **{f"{example.code}, {number}": example.seen for number, example in enumerate(EXAMPLES)},
    **{f"unlike {example.code}, {number}": example.unlike for number, example in enumerate(EXAMPLES)},
}

PUBLIC = {
    "RC101": "host-not-found",
    "RC102": "host-unreachable",
    "RC103": "certificate-untrusted",
    "RC104": "not-the-api",
    "RC105": "server-trouble",
    "RC106": "answer-timed-out",
    "RC107": "endpoint-not-found",
    "RC108": "other-contract-spoken",
    "RC109": "version-not-served",
    "RC201": "client-refused",
    "RC202": "grant-refused",
    "RC203": "key-refused",
    "RC204": "token-expired-mid-run",
    "RC205": "token-rejected",
    "RC206": "foreign-tenant",
    "RC207": "no-user-context",
    "RC208": "login-required",
    "RC301": "scope-missing",
    "RC302": "forbidden",
    "RC303": "cannot-list-all",
    "RC304": "hidden-agents",
    "RC305": "team-not-visible",
    "RC306": "own-user-only",
    "RC401": "not-an-internal-id",
    "RC402": "unknown-agent",
    "RC403": "id-poisons-batch",
    "RC404": "too-many-ids",
    "RC405": "batch-cut",
    "RC406": "state-filter-hides",
    "RC407": "state-filter-misspelt",
    "RC408": "ids-ignored",
    "RC409": "delta-not-snapshot",
    "RC410": "separator-misread",
    "RC501": "roster-empty",
    "RC502": "page-capped",
    "RC503": "roster-shifted",
    "RC504": "roster-short",
    "RC505": "first-page-skipped",
    "RC506": "rows-under-another-key",
    "RC507": "body-damaged",
    "RC508": "state-not-named",
    "RC509": "rows-contradict",
    "RC510": "unasked-row",
    "RC511": "rate-limited",
    "RC512": "requests-failed",
    "RC513": "no-content",
    "RC514": "unvouched",
    "RC515": "rows-come-and-go",
    "RC516": "answers-disagree",
    "RC517": "paging-ignored",
    "RC601": "not-logged-in",
    "RC602": "agent-inactive",
    "RC603": "never-logged-in",
    "RC604": "not-yet-present",
    "RC605": "nobody-answered",
    "RC606": "seen-elsewhere",
    "RC607": "state-stuck",
    "RC701": "clock-skewed",
    "RC702": "answer-stale",
    "RC801": "filtered-by-us",
    "RC901": "check-crashed",
    "RC902": "unexplained",
}
"""What users may have written into their scripts: never reused, never renamed."""

FILES = {
    "connectivity": ("RC101", "RC102", "RC103", "RC104", "RC105", "RC106"),
    "endpoint": ("RC107", "RC108", "RC109"),
    "credentials": ("RC201", "RC202", "RC203", "RC204", "RC205"),
    "tenant": ("RC206",),
    "user_login": ("RC207", "RC208"),
    "permission": ("RC301", "RC302", "RC303"),
    "visibility": ("RC304", "RC305", "RC306"),
    "identifiers": ("RC401", "RC402"),
    "batch": ("RC403", "RC404", "RC405", "RC408", "RC410"),
    "state_filter": ("RC406", "RC407"),
    "updated_since": ("RC409",),
    "roster": ("RC501", "RC502", "RC503", "RC504", "RC505"),
    "paging": ("RC517",),
    "response": ("RC506", "RC507", "RC508", "RC509", "RC510", "RC513"),
    "failed_requests": ("RC511", "RC512", "RC514"),
    "noise": ("RC515", "RC516"),
    "agent": ("RC601", "RC602", "RC603", "RC604"),
    "activity": ("RC605", "RC606"),
    "stuck_state": ("RC607",),
    "freshness": ("RC701", "RC702"),
    "own_filters": ("RC801",),
    "internal": ("RC901", "RC902"),
}
FILE_OF = {code: file for file, codes in FILES.items() for code in codes}
"""The file of each finding, by code."""

GATES = {StatesAsked, TokenGranted}
"""What a check may need without reading it. Without it there is nothing to judge, and the check is skipped."""

WITHOUT_AN_EXCHANGE = {
    "RC208": "where no login is stored there is nothing to send",
    "RC902": "what the user sees on a desktop is no exchange",
}

LAST = (
    contradiction.nothing_contradicts,
    agent.logged_out,
    agent.no_row,
    failed_requests.answers_vouched,
    internal.all_explained,
    own_request.request_answered,
)
"""The checks that look at what the others have explained."""

WITHOUT_AN_EXAMPLE = {"RC901": "no situation makes a check crash"}

each_finding = together("finding", {finding.code: finding for finding in FINDINGS})
each_situation = together("seen", SITUATIONS)
each_check = together("check", {check.name: check for check in CHECKS})


def found_by_each_check(seen: Situation) -> Iterator[tuple[Check, tuple[Finding, ...], set[type]]]:
    """Judge check by check; yield each, its findings and its reads."""
    case = seen.case()
    for check in CHECKS:
        case.reads.clear()
        findings, _ = judge(case, (check,))
        yield check, findings, set(case.reads)


def test_codes_and_names_are_public() -> None:
    """Codes and names are the published ones, sorted, each once."""
    assert [(finding.code, finding.name) for finding in FINDINGS] == list(PUBLIC.items())
    assert list(PUBLIC) == sorted(PUBLIC)
    assert len(set(PUBLIC.values())) == len(PUBLIC)


def test_codes_stand_in_their_files() -> None:
    """Each finding is in its family's file. The file's first line names the family."""
    for finding in FINDINGS:
        module = sys.modules[finding.__module__]
        assert module.__name__.rpartition(".")[2] == FILE_OF[finding.code], finding.code
        assert (module.__doc__ or "").startswith(finding.code[:3])


def test_families_follow_the_road() -> None:
    """Checks follow the order of their findings' families. Except those that judge what is left to explain."""
    families = [min(finding.code[2] for finding in check.finds) for check in CHECKS if check not in LAST]
    assert CHECKS[-len(LAST) :] == LAST
    assert all(one <= next_ for one, next_ in pairwise(families))


def test_each_finding_is_found() -> None:
    """Each type of finding is in the catalogue. So some check declares it."""
    ours = {one for one in Finding.__subclasses__() if one.__module__.startswith("cxone_rollcall.findings.")}
    assert ours == set(FINDINGS)


@each_check
def test_check_declares_listed_findings(check: Check) -> None:
    """Each check declares what it needs and what it finds. Its name is its own."""
    assert check.needs
    assert check.finds
    assert [one.name for one in CHECKS].count(check.name) == 1
    assert (check.judge.__doc__ or "").endswith("?")


@each_finding
def test_finding_is_complete(finding: type[Finding]) -> None:
    """Each finding has a code, name, message and fix. Their braces name its own fields."""
    assert finding.code.startswith("RC")
    assert finding.name == finding.name.lower().replace(" ", "-")
    for text in (finding.message, finding.fix):
        assert text
        named = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        assert named <= {*finding.__struct_fields__, "agents"}
    assert not any(text.endswith(".") for text in (finding.message, finding.fix))


@each_finding
def test_page_is_whole(finding: type[Finding]) -> None:
    """Each page has a summary, all headings in order, and a command. The summary is one sentence."""
    page = page_of(finding)
    assert page.summary.endswith(".")
    assert tuple(page.sections) == HEADINGS
    assert all(text.strip() for text in page.sections.values())
    *_, command = page.commands
    assert "rollcall " in command


@each_finding
def test_page_is_found_by_code_and_name(finding: type[Finding]) -> None:
    """A page is found by name and by code, in any case."""
    assert by_code(finding.code.lower()) is by_code(f" {finding.name} ") is finding


@each_finding
def test_pages_refer_to_what_is_there(finding: type[Finding]) -> None:
    """A code that a page refers to is one of the catalogue's."""
    words = " ".join(page_of(finding).sections.values()).replace("(", " ").replace(")", " ").replace(",", " ").split()
    codes = {word.strip(".;:") for word in words if word.startswith("RC") and word[2:5].isdigit()}
    assert codes <= set(PUBLIC)


@together("example", {f"{place}: {one.code}": one for place, one in enumerate(EXAMPLES)})
def test_finding_is_named_only_where_true(example: Example) -> None:
    """A finding is named where true, and not in its look-alike."""
    example.holds()


def test_every_finding_has_an_example() -> None:
    """Each finding has an example and a look-alike."""
    assert {example.code for example in EXAMPLES} | set(WITHOUT_AN_EXAMPLE) == set(PUBLIC)


def test_no_check_is_skipped_if_everything_was_seen() -> None:
    """If everything was seen, no check is skipped, and none crashes."""
    outcomes = ALL_SEEN.outcomes()
    assert {outcome.ended for outcome in outcomes.values()} <= {Ended.FOUND, Ended.CLEAR}
    assert set(outcomes) == {check.name for check in CHECKS}


@each_situation
def test_check_reads_what_it_declares(seen: Situation) -> None:
    """No check reads or finds anything undeclared, or crashes."""
    for check, findings, reads in found_by_each_check(seen):
        assert reads <= {*check.needs, *check.uses}, check.name
        assert all(isinstance(finding, check.finds) for finding in findings), check.name


@each_situation
def test_finding_keeps_the_rules(seen: Situation) -> None:
    """A finding has evidence from an exchange.

    It says what would settle a suspicion, and explains only allowed agents.
    """
    called_or_typed = set(seen.roll.ids(*{entry.standing for entry in seen.roll.entries}))
    for finding in seen.findings():
        assert finding.evidence
        assert all(one.claim and (one.exchange > 0 or finding.code in WITHOUT_AN_EXCHANGE) for one in finding.evidence)
        assert bool(finding.settle) == (finding.strength is Strength.SUSPECTED)
        assert "{" not in finding.text + finding.fix_text
        assert set(finding.explains) <= called_or_typed
        assert len(set(finding.explains)) == len(finding.explains)
        assert not (finding.explains_all and finding.strength is Strength.NOTE)


def test_every_need_is_used() -> None:
    """Each declared need of a check is read in some situation."""
    unread = {check.name: {*check.needs, *check.uses} - GATES for check in CHECKS}
    for seen in SITUATIONS.values():
        for check, _, reads in found_by_each_check(seen):
            unread[check.name] -= reads
    assert {name: needs for name, needs in unread.items() if needs} == {}
