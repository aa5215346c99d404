"""The control path: inspects the emulator and switches its faults. Faults and limits do not affect it.

It answers programs of this machine and not web pages: `Host` is its own, and there is no `Origin`.

- `GET /_emulator/faults`: the faults that are on, and all known faults
- `PUT /_emulator/faults` with `{"faults": ["batch-cut=37", ...]}`: switches these on and all others off
- `POST /_emulator/faults`: the same, but leaves the others on
- `DELETE /_emulator/faults`: switches all faults off
- `GET /_emulator/world`: what is true of each agent
- `GET /_emulator/requests`: the number of requests to each endpoint, by outcome
- `DELETE /_emulator/requests`: resets these numbers
"""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from cxone_rollcall.emulator.faults import FAULTS, Fault, FaultArgumentError, arguments, parse_fault, spec
from cxone_rollcall.model.host import is_loopback

if TYPE_CHECKING:
    from cxone_rollcall.emulator.server import Emulator

PREFIX = "/_emulator/"
_HOST = re.compile(r"(\[[^\]]*\]|[^:]*)(?::\d*)?", re.ASCII)
"""A name or an address, and perhaps a port."""


def owns(path: str) -> bool:
    """Whether this is a path of the control path."""
    return path.startswith(PREFIX)


async def answer(emulator: "Emulator", request: web.BaseRequest) -> web.Response:
    """The response on the control path. 403 for a request that a web page may have sent."""
    if why := _refused(emulator, request):
        return _json(403, {"error": why})
    name = request.rel_url.raw_path.removeprefix(PREFIX)
    match request.method, name:
        case "GET", "faults":
            pass
        case (("PUT" | "POST"), "faults"):
            try:
                asked = _faults_asked(await request.read())
            except ValueError as malformed:
                return _json(400, {"error": str(malformed)})
            emulator.switch_on(asked, beside=request.method == "POST")
        case "DELETE", "faults":
            emulator.switch_on(())
        case "GET", "world":
            return _json(200, _world(emulator))
        case "GET", "requests":
            return _json(200, _requests(emulator))
        case "DELETE", "requests":
            emulator.requests.clear()
            emulator.most_at_once = 0
            return _json(200, _requests(emulator))
        case _, ("faults" | "world" | "requests"):
            return _json(405, {"error": f"{request.method} is not allowed here."})
        case _:
            return _json(404, {"error": f"The control path has {PREFIX}faults, {PREFIX}world and {PREFIX}requests."})
    return _json(200, {"faults": [spec(fault) for fault in emulator.faults], "known": list(map(_known, FAULTS))})


def _refused(emulator: "Emulator", request: web.BaseRequest) -> str:
    """Why a request is refused, or "".

    A browser sends `Origin` or `Sec-Fetch-Site` with the requests of a page. A page whose own name leads to this
    address (DNS rebinding) sends that name: ours are those of loopback, the address of the connection, and the host
    that the emulator was told to listen on.
    """
    if "Origin" in request.headers or request.headers.get("Sec-Fetch-Site", "none") != "none":
        return "The control path takes no requests of web pages."
    sent = request.headers.getall("Host", [])
    host = sent[0].strip().lower() if len(sent) == 1 else ""
    found = _HOST.fullmatch(host)
    name = found[1].strip("[]") if found else ""
    bound = request.transport.get_extra_info("sockname") if request.transport else None
    ours = {emulator.listens_on.lower(), str(bound[0]) if bound else ""} - {"", "0.0.0.0", "::"}  # noqa: S104
    return "" if name in ours or is_loopback(name) else f"The control path is not at {host[:100]!r}."


def _faults_asked(body: bytes) -> Iterable[Fault]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as unreadable:
        raise FaultArgumentError("The body is not JSON.") from unreadable
    specs = value.get("faults") if isinstance(value, dict) else value
    if not isinstance(specs, list) or not all(isinstance(one, str) for one in specs):
        raise FaultArgumentError('The body must be like {"faults": ["batch-cut=37"]}.')
    return [parse_fault(one) for one in specs]


def _known(fault: type[Fault]) -> dict[str, Any]:
    return {
        "name": fault.name,
        "summary": fault.summary,
        "codes": fault.codes,
        "bare": fault.bare or None,
        "arguments": [argument._asdict() for argument in arguments(fault)],
    }


def _world(emulator: "Emulator") -> dict[str, Any]:
    moment = datetime.fromtimestamp(emulator.tenant.moment(), UTC)
    agents = [{**truth._asdict(), "standing": truth.standing} for truth in emulator.truth()]
    return {"moment": moment.isoformat().replace("+00:00", "Z"), "agents": agents}


def _requests(emulator: "Emulator") -> dict[str, Any]:
    endpoints: dict[str, dict[str, int]] = {}
    for (endpoint, answered), times in sorted(emulator.requests.items()):
        endpoints.setdefault(endpoint, {})[answered] = times
    return {
        "total": emulator.requests.total(),
        "throttled": sum(times for (_, answered), times in emulator.requests.items() if answered == "429"),
        "most_at_once": emulator.most_at_once,
        "endpoints": endpoints,
    }


def _json(status: int, value: object) -> web.Response:
    return web.Response(
        status=status, body=json.dumps(value, ensure_ascii=False).encode(), content_type="application/json"
    )
