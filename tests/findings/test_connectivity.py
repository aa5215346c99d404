"""RC1xx: why the API is not reached, and look-alikes."""

from __future__ import annotations

import pytest

from cxone_rollcall.findings.check import Ended
from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.failure import HANDSHAKE_FAILED, NO_TLS, FailureKind, Stage
from cxone_rollcall.model.observations.access import Throttling
from cxone_rollcall.model.struct import replace

from .build import PUBLISHED, TENANT, Example, called, other_contract, stopped, struck

EXAMPLES = (
    Example(
        "RC101",
        seen=stopped(FailureKind.HOST_NOT_FOUND),
        all=True,
        unlike=stopped(FailureKind.UNREACHABLE),  # the name has an address, where no server answers
        instead="RC102",
    ),
    Example(
        "RC102",
        seen=stopped(FailureKind.UNREACHABLE),
        all=True,
        unlike=struck(FailureKind.UNREACHABLE, called("ab", unknown="c")),  # others were answered
        instead="RC512",
    ),
    Example(
        "RC103",
        seen=stopped(FailureKind.CERTIFICATE),
        all=True,
        unlike=stopped(FailureKind.UNREACHABLE),  # refused before the handshake
        instead="RC102",
    ),
    Example(
        "RC104",
        seen=struck(FailureKind.NOT_THE_API, called("ab", unknown="c"), status=200),
        explains="c",
        unlike=struck(FailureKind.DAMAGED, called("ab", unknown="c"), status=200),  # it is JSON, and cut
        instead="RC507",
    ),
    Example(
        "RC105",
        seen=struck(FailureKind.SERVER_TROUBLE, called("a", unknown="bc"), status=503),
        explains="bc",
        unlike=struck(  # a server that is well and asks for patience
            FailureKind.RATE_LIMITED,
            called("a", unknown="bc"),
            Throttling(count=7, exchange=3, seconds_waited=9.0, requests_per_second=1.0, retry_after=None),
            status=429,
        ),
        instead="RC511",
    ),
    Example(
        "RC106",
        seen=struck(FailureKind.TIMED_OUT, called(unknown="ab")),
        explains="ab",
        all=True,
        unlike=struck(FailureKind.UNREACHABLE, called(unknown="ab")),  # the connection itself was not taken
        instead="RC102",
    ),
    Example(
        "RC107",
        seen=stopped(FailureKind.NOT_FOUND, Stage.ROSTER, other_contract(answers=False), status=404),
        all=True,
        unlike=stopped(FailureKind.NOT_FOUND, Stage.ROSTER, other_contract(answers=True), status=404),
        instead="RC108",
    ),
    Example(
        "RC108",
        seen=stopped(FailureKind.NOT_FOUND, Stage.TOKEN, other_contract(answers=True), status=404),
        all=True,
        unlike=struck(  # 404 for some agents: the path is there
            FailureKind.NOT_FOUND, called("ab", unknown="c"), other_contract(answers=True), status=404
        ),
        instead="RC512",
    ),
)


@pytest.mark.parametrize(
    ("kind", "code"),
    [(FailureKind.NOT_THE_API, "RC104"), (FailureKind.SERVER_TROUBLE, "RC105"), (FailureKind.TIMED_OUT, "RC106")],
)
@pytest.mark.parametrize("stage", [Stage.TOKEN, Stage.ROSTER])
def test_a_failure_before_any_agent_explains_everything(kind: FailureKind, code: str, stage: Stage) -> None:
    """A failed token, or a roster without any agent, explains everything."""
    assert stopped(kind, stage).only(code).explains_all


@pytest.mark.parametrize(
    "kind", [FailureKind.HOST_NOT_FOUND, FailureKind.UNREACHABLE, FailureKind.CERTIFICATE, FailureKind.NOT_FOUND]
)
def test_a_part_is_not_the_whole(kind: FailureKind) -> None:
    """A failure that spares some agents does not mean "not reached"."""
    seen = struck(kind, called("a", unknown="b"), other_contract(answers=True))
    assert {finding.code for finding in seen.findings() if finding.explains_all} == set()
    assert "RC512" in seen.codes()


def test_contract_is_not_guessed() -> None:
    """Without a request to the other contract, the check is skipped. Neither RC107 nor RC108 is named."""
    seen = stopped(FailureKind.NOT_FOUND, Stage.ROSTER, status=404)
    assert seen.codes().isdisjoint({"RC107", "RC108"})
    assert seen.outcomes()["contract-served"].ended is Ended.SKIPPED


@pytest.mark.parametrize(
    ("host", "offered"),
    [
        ("api-us-01.nice-incontct.com", "api-us-01.nice-incontact.com"),
        ("api.incontact.con", "api.incontact.com"),
        ("api-us-01.nice-incontact.com", ""),
        ("gateway.example.org", ""),
    ],
)
def test_a_misspelt_domain_is_corrected(host: str, offered: str) -> None:
    """A misspelt domain of NICE's is corrected. A right one, or another's, is left as it is."""
    found = stopped(FailureKind.HOST_NOT_FOUND, Stage.TOKEN, replace(TENANT, instance=host)).only("RC101")
    assert found.text.partition("did you mean ")[2].removesuffix("?") == offered


def test_404_for_only_the_states_is_suspected() -> None:
    """If only the states are 404, nothing is proven. There may be no agent with a state."""
    roll = called(unknown="ab")
    found = struck(FailureKind.NOT_FOUND, roll, other_contract(answers=True), status=404).only("RC107")
    assert found.strength is Strength.SUSPECTED
    assert found.explains_all


@pytest.mark.parametrize("status", [None, 403, 503])
def test_no_clear_answer_of_the_other_contract_proves_nothing(status: int | None) -> None:
    """An unclear answer on the other path makes a 404 suspected."""
    other = replace(other_contract(answers=False), status=status)
    found = stopped(FailureKind.NOT_FOUND, Stage.ROSTER, other, status=404).only("RC107")
    assert found.strength is Strength.SUSPECTED
    assert found.settle


def test_a_host_that_answers_is_not_called_silent() -> None:
    """A host that answered other requests is not called silent. The unanswered request is named."""
    silent = stopped(FailureKind.UNREACHABLE).only("RC102").text
    assert silent.startswith("nothing answers at ")
    for seen in (struck(FailureKind.UNREACHABLE, called(unknown="ab")), stopped(FailureKind.UNREACHABLE, Stage.ROSTER)):
        found = seen.only("RC102")
        assert "answers other requests" in found.text
        assert "nothing answers" not in found.text


def test_another_host_may_give_the_token() -> None:
    """On incontact a token says nothing about the API's host."""
    found = stopped(FailureKind.UNREACHABLE, Stage.ROSTER, PUBLISHED).only("RC102")
    assert found.text.startswith("nothing answers at ")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (FailureKind.HOST_NOT_FOUND, "RC101"),
        (FailureKind.UNREACHABLE, "RC102"),
        (FailureKind.CERTIFICATE, "RC103"),
        (FailureKind.NOT_THE_API, "RC104"),
    ],
)
def test_behind_a_proxy_nothing_is_proven_of_the_host(kind: FailureKind, code: str) -> None:
    """Behind a proxy a cause is suspected, and the proxy named. Without one it is proven."""
    found = stopped(kind, detail="seen through squid.example:3128", proxy="squid.example:3128").only(code)
    assert found.strength is Strength.SUSPECTED
    assert "squid.example:3128" in found.text + found.settle
    assert stopped(kind).only(code).strength is Strength.PROVEN


def test_a_proxy_without_an_address_is_no_fault_of_the_instance() -> None:
    """An unknown proxy is named, with HTTPS_PROXY to fix."""
    found = stopped(FailureKind.HOST_NOT_FOUND, proxy="squid.invalid:3128").only("RC101")
    assert found.text == "the proxy squid.invalid:3128 has no address on this network"
    assert "CXONE_INSTANCE" not in found.fix_text
    assert "HTTPS_PROXY" in found.fix_text


@pytest.mark.parametrize(("kind", "code"), [(FailureKind.UNREACHABLE, "RC102"), (FailureKind.CERTIFICATE, "RC103")])
def test_a_fault_without_words_has_a_reason(kind: FailureKind, code: str) -> None:
    """A fault without words is described by its kind."""
    assert stopped(kind, detail="").only(code).text.endswith(f": {kind}")


@pytest.mark.parametrize(
    ("detail", "says", "fix"),
    [
        (f"{NO_TLS}: plain HTTP", f"{TENANT.instance}: this port does not speak TLS: plain HTTP", "the port"),
        (f"{HANDSHAKE_FAILED}: alert", f"the TLS handshake failed with {TENANT.instance}: alert", "host and port"),
        ("expired", f"the certificate of {TENANT.instance} is not trusted: expired", "CXONE_CA_BUNDLE"),
    ],
)
def test_only_a_certificate_is_untrusted(detail: str, says: str, fix: str) -> None:
    """A certificate is named only if there was one to judge."""
    found = stopped(FailureKind.CERTIFICATE, detail=detail).only("RC103")
    assert found.text == says
    assert fix in found.fix_text
