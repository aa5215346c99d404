"""An agent's state, and whether its name means "logged out"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache

import msgspec

from cxone_rollcall.model.closest_match import closest_match

LOGGED_IN_STATES = ("Available", "Busy", "Break", "Not Ready")
"""The states that the v2 contract names, all of them logged in. Other states are kept as the server writes them."""


class Login(Enum):
    """What the name of a state says about being logged in."""

    IN = "logged in"
    OUT = "logged out"
    EITHER = "perhaps logged out"


_FILLER = r"(?:agent|user|currently|state|status|is|was|has|been|the|auto(?:matic(?:ally)?)?|system|forced?|idle)*"
"""Words before "logged out" that change nothing: `AgentLoggedOut`, `auto logoff`."""
_OUT = re.compile(
    _FILLER + r"(?:logged|signed|kicked)(?:out|off)|" + _FILLER + r"(?:not|nolonger)(?:logged|signed)(?:in|on)"
)
"""Names that say "logged out" at the start. All patterns match letters and digits only, in lower case."""
_NOT_SO = re.compile("pending|soon|request|schedul|later|next|upcoming|await|progress|queue|^of(?!f)|from")
"""Words that turn the start around. Either it has not happened yet, or the agent only left a queue."""
_OUT_FOR_A_REASON = re.compile(
    _FILLER + r"(?:log(?:out|off)|sign(?:out|off)|offline)"
    r"(?:auto(?:matic)?(?:ally)?|timed?(?:out)?|out|by|due|to|the|at|an?|after|of|end(?:ed)?|shift|day|work(?=day)"
    r"|admin(?:istrator)?|supervisor|manager|system|server|user|agent|client|self|idle|inactiv(?:e|ity)|forced?"
    r"|session|expir(?:ed|y)|lost|connection|network|error|manual(?:ly)?|normal|since|completed?|done|closed?"
    r"|browser|disconnect(?:ed)?|state|status|unknown|reason|[0-9]|[hms]|[ap]m|utc)*"
)
"""Names that say "logged out" and why, such as `Offline (timeout)`. `Offline Work` and `Offline Training` may be
work."""
_PENDING = re.compile("(?:pending)?(?:log|sign)(?:ging|ing)?(?:out|off)(?:pending)?")
_WORKING = re.compile("(?:un)?available|busy|(?:on)?break|notready|working|(?:on|in)call|after|acw|wrap|meal|lunch")
_BEGINS_EITHER = re.compile(
    "(?:log|sign)(?:ging|ing|ged|ed)?o(?:ut|ff)|notlogged|notsigned|unlogged|offline|(?:dis|notc)onnected"
    "|(?:clock(?:ed)?|checked|punch(?:ed)?)out|off(?:shift|duty|work|theclock)|shift(?:end|over|done)"
    "|session(?:end|exp|clos|term|time)|end(?:ed)?(?:of)?(?:session|shift|day)|(?:lost)?connection(?:lost|closed)"
    "|lostconnection|not(?:present|online|registered|active)|no(?:state|session|status)|unregistered|unreachable"
    "|outofoffice|gone|wenthome|(?:was|previously|formerly|last)(?:logged|signed)"
    "|abgemeldet|ausgeloggt|nicht(?:angemeldet|eingeloggt|verbunden)|déconnecté|deconnecte|horsligne|nonconn"
    "|desconectad|n[oã]oconectad|noconectad|deslogad|fueradel[ií]nea|sesióncerrada|disconness|scollegat"
    "|d[ée]connexion|sinconexi[óo]n|semconex[ãa]o|uitgelogd|afgemeld|utloggad|loggetu[td]|loggetaf|wylogowan"
    "|odhl[áa][šs]en|odjavljen|kijelentkez|çıkışyap|çevrimdışı|вышел|выход|невсети|отключ|αποσυνδ"
    "|未登录|已注销|离线|退出|登出|ログオフ|未ログイン|로그아웃|로그오프|오프라인"
)
_SOMEWHERE = re.compile(
    r"\b(?:logged|signed|log|sign) ?(?:out|off)\b|\boff ?line\b|\bnot (?:logged|signed) ?(?:in|on)\b|\bdisconnected\b"
)
"""Names with "logged out" somewhere, as whole words. `Backlog Outbound` has none."""
_OUT_ALONE = re.compile("(?:logged|signed|log|sign)(?:out|off)|offline|not(?:logged|signed)(?:in|on)|disconnected")
_NOTHING = frozenset(
    {"", "none", "null", "nil", "unknown", "na", "nan", "undefined", "unspecified", "unset", "notset", "invalid"}
    | {"error", "true", "false", "0", "out", "off", "inactive", "active", "enabled", "disabled", "locked", "deleted"}
    | {"terminated", "suspended", "deactivated", "removed", "absent", "expired", "timedout", "ended", "exited"}
    | {"left", "closed", "ログアウト", "オフライン", "登出", "已登出"}
)
"""Names that give no state. 0 is `LoggedOut` in one API and `Available` in another; others describe an account."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\dA-Z_]+|\d+")


@lru_cache(maxsize=1024)
def login_of(state: str | None) -> Login:
    """What a state's name says about being logged in.

    Any spelling and several languages are understood (`LoggedOut`, `signed off`). An agent with a pending logoff is
    still logged in. None, which some rows have beside `isLoggedIn`, counts as IN.
    """
    if state is None:
        return Login.IN
    state = unicodedata.normalize("NFKC", state)  # also letters of full width
    letters = "".join(filter(str.isalnum, state)).casefold()
    if letters in _NOTHING:
        return Login.EITHER
    if "pending" in letters and _PENDING.fullmatch(letters):
        return Login.IN
    if out := _OUT.match(letters):
        return Login.EITHER if _NOT_SO.search(letters[out.end() :]) else Login.OUT
    if _OUT_FOR_A_REASON.fullmatch(letters):
        return Login.OUT
    if _BEGINS_EITHER.match(letters):
        return Login.EITHER
    words = " ".join(_WORDS.findall(state)).casefold()
    if not _SOMEWHERE.search(words):
        return Login.IN
    working = _WORKING.match(letters)
    # What follows may be of another program, unless it is no more than "logged out".
    return Login.IN if working and not _OUT_ALONE.fullmatch(letters, working.end()) else Login.EITHER


class AgentState(msgspec.Struct, frozen=True, gc=False):
    """One row of a states response. `state` and `sub_state` are the server's own texts, None if not given."""

    agent_id: str
    state: str | None = None
    sub_state: str | None = None
    since: str | None = None

    @property
    def both_names(self) -> str | None:
        """State and sub-state, `Break - Lunch`."""
        return both_names(self.state, self.sub_state)

    @property
    def logged_in(self) -> bool:
        """True unless the row itself says that the agent is logged out."""
        return not is_logged_out(self.state)


def both_names(state: str | None, sub_state: str | None) -> str | None:
    """State and sub-state, `Break - Lunch`; the API may give both in one text."""
    if not state or not sub_state:
        return state or sub_state
    return sub_state if sub_state.startswith(state) else f"{state} - {sub_state}"


def is_logged_out(state: str | None) -> bool:
    """Whether a state's name says "logged out"."""
    return login_of(state) is Login.OUT


def meant_state(text: str, known: Iterable[str | None]) -> str | None:
    """The known state that `text` probably misspells, or None."""
    names = {name.casefold(): name for name in known if name}
    wanted = text.strip().casefold()
    if wanted in names:
        return names[wanted] if names[wanted] != text else None
    near = closest_match(wanted, names, cutoff=0.75)
    return names[near] if near else None
