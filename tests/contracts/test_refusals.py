"""An unusable answer gives its reason, and never counts as empty."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.contracts.wire import answered, refusal, roster, states
from tests.support.many_values import together

from cxone_rollcall.contracts.decoding import LONGEST_QUOTE, read_status
from cxone_rollcall.contracts.protocol import UnusableAnswer
from cxone_rollcall.model.failure import FailureKind

KINDS = {
    300: FailureKind.NOT_THE_API,
    302: FailureKind.NOT_THE_API,
    304: FailureKind.NOT_THE_API,
    400: FailureKind.REJECTED,
    401: FailureKind.UNAUTHORIZED,
    402: FailureKind.REJECTED,
    403: FailureKind.FORBIDDEN,
    404: FailureKind.NOT_FOUND,
    405: FailureKind.REJECTED,
    408: FailureKind.SERVER_TROUBLE,
    409: FailureKind.REJECTED,
    413: FailureKind.TOO_LARGE,
    414: FailureKind.TOO_LARGE,
    418: FailureKind.REJECTED,
    421: FailureKind.SERVER_TROUBLE,
    425: FailureKind.SERVER_TROUBLE,
    429: FailureKind.RATE_LIMITED,
    431: FailureKind.TOO_LARGE,
    449: FailureKind.SERVER_TROUBLE,
    460: FailureKind.SERVER_TROUBLE,
    499: FailureKind.SERVER_TROUBLE,
    500: FailureKind.SERVER_TROUBLE,
    502: FailureKind.SERVER_TROUBLE,
    503: FailureKind.SERVER_TROUBLE,
    504: FailureKind.SERVER_TROUBLE,
    520: FailureKind.SERVER_TROUBLE,
    527: FailureKind.SERVER_TROUBLE,
    529: FailureKind.SERVER_TROUBLE,
    530: FailureKind.SERVER_TROUBLE,
    599: FailureKind.SERVER_TROUBLE,
    101: FailureKind.REJECTED,
}


@pytest.mark.parametrize(("status", "kind"), KINDS.items())
@together("body", [b"", b'{"entities": []}', b"<html>", b"\xff\xfe"])
def test_a_status_decides_before_the_body(status: int, kind: FailureKind, body: bytes) -> None:
    """A status that is no success decides, whatever the body looks like."""
    assert refusal(body, status).kind is kind


@pytest.mark.parametrize(("status", "kind"), KINDS.items())
def test_a_passing_status_says_nothing_of_a_path(status: int, kind: FailureKind) -> None:
    """A 429 or a passing trouble may come from a proxy. Any other status is the API's answer."""
    response = answered(b"{}", status)
    if kind in (FailureKind.RATE_LIMITED, FailureKind.SERVER_TROUBLE):
        with pytest.raises(UnusableAnswer) as caught:
            read_status(response)
        assert caught.value.kind is kind
    else:
        assert read_status(response) == status


def test_a_status_beside_a_page() -> None:
    """A page with a 200 is not the API's answer. An empty body may be."""
    assert [read_status(answered(body, 200)) for body in (b"", b" ", b"[]")] == [200] * 3
    assert read_status(answered(b"<html>", 404)) == 404
    with pytest.raises(UnusableAnswer):
        read_status(answered(b"<html>", 200))


def test_redirect_says_where_to() -> None:
    """A redirect names its target."""
    assert refusal(b"", 302, location="https://login.example.com/").detail == "redirected to https://login.example.com/"
    assert refusal(b"", 302).detail == "redirected to nowhere"


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({"error": "invalid_client"}, "invalid_client", "invalid_client"),
        ({"error": "invalid_grant", "error_description": "key expired"}, "invalid_grant", "key expired"),
        ({"error": "invalid_grant", "errorDescription": "key expired"}, "invalid_grant", "key expired"),
        ({"error": "invalid_grant", "error_Description": "key expired"}, "invalid_grant", "key expired"),
        ({"error": {"code": "E7", "message": "not yours"}}, "E7", "not yours"),
        ({"error": {"code": 7}}, "", ""),
        ({"message": "not yours"}, "", "not yours"),
        ({"error": "Forbidden", "message": "not yours"}, "Forbidden", "not yours"),
        ({"error": None, "message": None}, "", ""),
        ({"error": ["x"]}, "", "x"),
        (["not yours"], "", "not yours"),
        ({"errors": {"fault": {"reason": "deep"}}}, "", "deep"),
        ([[["deep"]]], "", "deep"),
        ({"errors": {"fault": {"reason": {"message": "too deep"}}}}, "", ""),
        ([[[["too deep"]]]], "", ""),
        ("no", "", "no"),
        ({"details": "not yours"}, "", "not yours"),
        ({"Message": "not yours"}, "", "not yours"),
        ({"title": "Forbidden", "detail": "not yours"}, "", "not yours"),
        ({"fault": {"faultstring": "not yours", "detail": {"errorcode": "x"}}}, "", "not yours"),
        ({"errors": [{"message": "not yours"}, {"message": "nor theirs"}]}, "", "not yours"),
        ({"errorMessage": "not yours", "reason": "role", "title": "Forbidden"}, "", "not yours"),
        ({"description": "not yours", "reason": "role"}, "", "not yours"),
        ({"error": "Forbidden", "reason": "not yours"}, "Forbidden", "not yours"),
        ({"error": "Forbidden", "exception": "NotYours"}, "Forbidden", "Forbidden"),
        ({"title": "Forbidden", "fault": "not yours"}, "", "not yours"),
        ({"title": "Forbidden", "exception": "NotYours"}, "", "NotYours"),
        ({"title": "Forbidden", "status": 403}, "", "Forbidden"),
        ({"error": "Unauthorized", "message": ""}, "Unauthorized", "Unauthorized"),
        ({"status": 403, "path": "/a"}, "", ""),
        (None, "", ""),
        (b"\xef\xbb\xbf" + b'{"error": "invalid_client"}', "invalid_client", "invalid_client"),
        (b'{"error": "invalid_cl', "", ""),
        (b"<html>Forbidden", "", "a page"),
        (b"<HTML><HEAD><TITLE>\nNo. </TITLE>", "", "a page: No."),
        (b"<html>" + b" " * 19_900 + b"<title>No</title>", "", "a page: No"),
        (b"<html>" + b" " * 20_000 + b"<title>No</title>", "", "a page"),
        (b"Access denied", "", "Access denied"),
        (b"\xff", "", ""),
        (b"[" * 100_000, "", ""),
    ],
)
def test_error_bodies(body: object, code: str, words: str) -> None:
    """The server's error code and text are found in any spelling."""
    unusable = refusal(body, 403)
    assert (unusable.error, unusable.detail) == (code, words)


def test_reason_in_a_header() -> None:
    """A reason in a header is found, and wins over the body."""
    assert refusal(b"", 403, icstatusdescription="no rights").detail == "no rights"
    assert refusal({"message": "x"}, 403, icstatusdescription="no rights").detail == "no rights"


def test_long_words_are_bounded() -> None:
    """The server's text is quoted up to a limit."""
    assert len(refusal({"message": "x" * 1_000_000}, 400).detail) == LONGEST_QUOTE
    assert len(refusal(b"y" * 1_000_000).detail) < LONGEST_QUOTE + 100


ENVELOPE = b'{"entities": [{"id": 1, "agentId": 1, "state": "Busy"}], "totalCount": 1}'


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"<html><body>Sign in</body></html>", FailureKind.NOT_THE_API, "a page"),
        (b"\n  <!DOCTYPE html>\n<html>", FailureKind.NOT_THE_API, "a page"),
        (b"\xef\xbb\xbf<html>", FailureKind.NOT_THE_API, "a page"),
        (b"<Error><Code>AccessDenied</Code></Error>", FailureKind.NOT_THE_API, "a page"),
        (b"No known way to render data", FailureKind.NOT_THE_API, "a text"),
        (b"temporarily unavailable", FailureKind.NOT_THE_API, "a text"),
        (b"not found", FailureKind.NOT_THE_API, "a text"),
        (b"forbidden", FailureKind.NOT_THE_API, "a text"),
        (b"Service\nunavailable", FailureKind.NOT_THE_API, "a text"),
        ("Zugriff verweigert für Sie".encode(), FailureKind.NOT_THE_API, "a text"),
        (("ü" * 999 + "é" * 500).encode(), FailureKind.NOT_THE_API, "a text"),
        (ENVELOPE[:-1], FailureKind.DAMAGED, "damaged"),
        (ENVELOPE[:20], FailureKind.DAMAGED, "damaged"),
        (b"{", FailureKind.DAMAGED, "damaged"),
        (ENVELOPE + b"x", FailureKind.DAMAGED, "damaged"),
        (ENVELOPE + ENVELOPE, FailureKind.DAMAGED, "damaged"),
        (ENVELOPE.replace(b"1", b"NaN"), FailureKind.DAMAGED, "damaged"),
        (b'{"entities": [{"id": "\xff", "agentId": "\xff"}]}', FailureKind.DAMAGED, "UTF-8"),
        (b"NaN", FailureKind.NOT_THE_API, "a text"),
        (ENVELOPE.decode().encode("utf-16"), FailureKind.DAMAGED, ""),
        (ENVELOPE.decode().encode("utf-16-le"), FailureKind.DAMAGED, "damaged"),
        (ENVELOPE.decode().encode("utf-16-be"), FailureKind.DAMAGED, "damaged"),
        (b"\x1f\x8b\x08\x00garbage", FailureKind.DAMAGED, ""),
        (b"\x00\x01\x02", FailureKind.DAMAGED, "damaged"),
        (b"[" * 100_000, FailureKind.DAMAGED, "damaged"),
        (b'{"entities":' * 100_000, FailureKind.DAMAGED, "damaged"),
        (b"1" * 100_000, FailureKind.DAMAGED, "damaged"),
        (b'{"entities": [], "totalCount": ' + b"9" * 100_000 + b"}", FailureKind.DAMAGED, "damaged"),
        (b"null", FailureKind.DAMAGED, "no rows"),
        (b"true", FailureKind.DAMAGED, "no rows"),
        (b"7", FailureKind.DAMAGED, "no rows"),
        (b'"text"', FailureKind.DAMAGED, "no rows"),
        (b"{}", FailureKind.DAMAGED, "no rows"),
        (b'{"entities": null, "totalCount": 0}', FailureKind.DAMAGED, "no rows"),
        (b'{"entities": {}, "totalCount": 0}', FailureKind.DAMAGED, "no rows"),
        (b'{"entities": "none"}', FailureKind.DAMAGED, "no rows"),
        (b'{"totalCount": 0}', FailureKind.DAMAGED, "no rows"),
        (b'{"agents": [1, 2]}', FailureKind.DAMAGED, "no rows"),
        (b'{"a": [], "b": []}', FailureKind.DAMAGED, "no rows"),
        (b'{"a": [{"id": 1}], "b": [{"id": 2}]}', FailureKind.DAMAGED, "no rows"),
    ],
)
def test_bodies_that_are_no_rows(body: bytes, kind: FailureKind, words: str) -> None:
    """A 200 without rows in its body is unusable. It is a page, a text, damaged or of another shape."""
    unusable = refusal(body)
    assert unusable.kind is kind
    assert words in unusable.detail


@pytest.mark.parametrize(
    "body",
    [
        {"entities": [], "error": "presence is down"},
        {"entities": [], "errors": [{"message": "presence is down"}]},
        {"entities": [], "error": True},
        {"entities": [], "fault": {"faultstring": "presence is down"}},
        {"entities": [], "faults": ["presence is down"]},
        {"data": [], "error_description": "presence is down"},
        {"data": {"entities": [], "error": "presence is down"}},
        {"data": {"entities": []}, "error": "presence is down"},
        {"errors": []},
        {"messages": [], "status": "failed"},
        {"_links": []},
        {"warnings": [], "links": []},
        {"errors": [{"message": "presence is down"}]},
    ],
)
def test_errors_that_come_as_a_success(body: object) -> None:
    """An error with status 200 is not read as "no rows"."""
    assert refusal(body).kind is FailureKind.DAMAGED


TROUBLE = [
    {"success": False},
    {"success": "False"},
    {"status": "error"},
    {"status": " FAILED"},
    {"status": "Failure"},
    {"status": "fail"},
    {"status": 503},
    {"status": "503"},
    {"code": 400},
    {"statusCode": 504},
    {"message": "An Error occurred"},
    {"message": "presence is temporarily unavailable"},
    {"message": "the request timed out: Time-Out"},
    {"message": "please\ntry again later"},
    {"detail": "access denied"},
    {"detail": "quota exceeded"},
    {"detail": "internal"},
    {"warning": "late"},
    {"msg": "failed"},
    {"detail": "down for MAINTENANCE"},
    {"success": True, "message": "the call failed"},
]


@together("beside", TROUBLE)
@pytest.mark.parametrize("wrap", [dict, lambda body: {"data": body}], ids=["top", "wrapped"])
@pytest.mark.parametrize("key", ["entities", "data"])
def test_no_rows_beside_trouble(beside: dict[str, object], wrap: Callable[[object], object], key: str) -> None:
    """An empty list beside an error is unusable, and the error quoted."""
    unusable = refusal(wrap({key: [], **beside}))
    name, value = list(beside.items())[-1]
    assert unusable.kind is FailureKind.DAMAGED
    assert unusable.detail == f"no rows, but {name}: {value}"


@pytest.mark.parametrize(
    "beside",
    [
        {"message": "no agents found"},
        {"message": None, "detail": ""},
        {"message": ["error"]},
        {"success": True},
        {"success": "true"},
        {"success": None},
        {"status": "success"},
        {"status": 200, "code": 0, "statusCode": "200"},
        {"status": True, "code": None},
        {"code": "E500"},
        {"error": None, "errors": [], "faults": {}},
        {"totalCount": 500, "page": 404},
    ],
    ids=str,
)
@pytest.mark.parametrize("key", ["entities", "data"])
def test_no_rows_beside_a_harmless_message(beside: dict[str, object], key: str) -> None:
    """An empty list beside a harmless message is healthy, without rows."""
    body = {key: [], **beside}
    assert (roster(body).rows, states(body).rows) == ((), ())
    assert roster(body).complaint == states(body).complaint == ""


@pytest.mark.parametrize("body", [{"entities": [{}]}, {"entities": [{"id": None}, 7]}, {"entities": [None]}, [{}]])
def test_rows_that_all_lack_an_id(body: object) -> None:
    """Rows that all lack an id are unusable."""
    assert refusal(body).detail.endswith("none has an id that can be read")


@pytest.mark.parametrize("body", [b"", b"  \n"])
@pytest.mark.parametrize("status", [200, 204])
def test_no_content(body: bytes, status: int) -> None:
    """A response without a body is read as without rows and content."""
    assert roster(body, status).no_content
    assert states(body, status).no_content
    assert not roster({"entities": []}).no_content
    assert not states({"entities": []}).no_content
