"""What a row says against its own state.

That is an error, a failure, or a flag that the agent is logged in or out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cxone_rollcall.contracts.decoding import flag, text
from cxone_rollcall.contracts.envelope import in_words, is_error_name, plain_name
from cxone_rollcall.model.state import is_logged_out

_WHOSE = "(?:is|agent|user|currently)*"
_LOGGED_IN_FLAG = re.compile(_WHOSE + "(?:(?:logged|signed)(?:in|on)|online)")
_LOGGED_OUT_FLAG = re.compile(_WHOSE + "(?:(?:logged|signed)(?:out|off)|offline)")
_STATUS = re.compile("(?:login|logon|agent|user|presence)?(?:status|presence)|loginstate|logonstate")
"""Names of members, as `plain_name` writes them. A status counts only if it says "logged out"."""
_NAMES = (
    *(b"error", b"exception", b"fault", b"fail", b'success":', b'edin":', b'edon":', b'edout":', b'edoff":'),
    *(b'online":', b'offline":', b'status":', b'presence":', b'logonstate":', b'loginstate":'),
)
"""Parts of the names of members that may speak against a state. A colon follows the name of a flag, but no state such
as `LoggedOut`."""
_WORDS = {"1": True, "yes": True, "y": True, "0": False, "no": False, "n": False}
_SMALL_LETTERS = bytes(range(256)).lower()
_NO_ERROR = frozenset({"0", "ok", "none", "null", "success", "noerror"})


def may_contradict(body: bytes) -> bool:
    """Whether a member of a body may speak against a state. Its rows are then to be read one by one."""
    names = body.translate(_SMALL_LETTERS, b"_- \t\r\n")  # not a pattern, which takes seconds in the largest body
    return any(name in names for name in _NAMES)


def contradiction(row: Mapping[str, object], state: str | None) -> str | None:
    """Return what a row says against its state, or None. Whoever has such a row is unknown."""
    error = next((value for name, value in row.items() if _is_error(name, value)), None)
    if error is not None:
        return in_words(error)
    if any(plain_name(name) == "success" and flag(value) is False for name, value in row.items()):
        return "success is false"
    flags = login_flags(row)
    if len(flags) > 1:
        return "that the agent is logged in and logged out"
    if state is not None and is_logged_out(state) in flags:
        return f"the state {state}, and beside it that the agent is logged {'in' if True in flags else 'out'}"
    return None


def login_flags(row: Mapping[str, object]) -> set[bool]:
    """Return what a row's flags say of being logged in. 0 and "no" mean false."""
    said: set[bool] = set()
    for name, value in row.items():
        plain, one = plain_name(name), _yes_or_no(value)
        if one is not None and _LOGGED_IN_FLAG.fullmatch(plain):
            said.add(one)
        elif one is not None and _LOGGED_OUT_FLAG.fullmatch(plain):
            said.add(not one)
        elif _STATUS.fullmatch(plain) and is_logged_out(text(value)):
            said.add(False)
    return said


def _yes_or_no(value: object) -> bool | None:
    said = flag(value)
    return _WORDS.get(str(value).strip().casefold()) if said is None and isinstance(value, int | str) else said


def _is_error(name: str, value: object) -> bool:
    """Whether a member of a row holds an error. Codes such as 0 and "OK" do not."""
    if not value or not is_error_name(name):
        return False
    return not isinstance(value, str) or "".join(filter(str.isalnum, value)).casefold() not in _NO_ERROR
