"""Errors of `incontact`, and what it adds to every response."""

import json
from http import HTTPStatus
from typing import Any

from cxone_rollcall.emulator.wire import JSON, Answer, Call, Delivery

_PAGE = (
    b"<!DOCTYPE html><html><body><h1>Request Error</h1><p>The server could not process the request.</p></body></html>"
)
_NO_RENDERING = b"No known way to render data"


def finish(call: Call, answer: Answer, *, api: bool) -> Answer:
    """The response in this tenant's form, with a CorrelationId. The API refuses a request without Accept."""
    correlation = call.headers.get("CorrelationId", "")
    if correlation.isascii() and correlation.isprintable() and correlation:
        answer = answer.with_header("CorrelationId", correlation)
    if answer.delivery in {Delivery.RESET, Delivery.CLOSED, Delivery.NEVER}:
        return answer
    if answer.status >= 400 and answer.content_type == JSON:
        answer = _spelt(call, answer, api=api)
    if api and "Accept" not in call.headers and answer.status < 300 and answer.body:
        status = int(call.tenant.settings.readings.no_accept)
        return answer._replace(status=status, body=_NO_RENDERING, content_type="text/plain; charset=utf-8")
    return answer


def _spelt(call: Call, answer: Answer, *, api: bool) -> Answer:
    readings = call.tenant.settings.readings
    try:
        problem: dict[str, Any] = json.loads(answer.body)
        reason = str(problem.get("error_description") or problem["message"])
    except (ValueError, LookupError, TypeError, AttributeError):
        return answer
    if api:
        answer = answer.with_header("icStatusDescription", reason.encode("ascii", "replace").decode())
        if readings.errors == "empty":
            return answer._replace(body=b"", content_type="")
        if readings.errors == "html":
            return answer._replace(body=_PAGE, content_type="text/html; charset=utf-8")
    error = problem.get("error") or HTTPStatus(answer.status).phrase
    body = json.dumps({"error": error, readings.spelling: reason}, ensure_ascii=False)
    return answer._replace(body=body.encode())
