"""Scopes as they are written: the same one may be spelt `agent:read`, `AGENT:READ` or `agents.read`."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORDS = re.compile(r"[\w*-]+:[\w*-]+")


def grants(granted: Iterable[str], scope: str) -> bool:
    """Tell whether one of the granted scopes is this one, in whatever spelling, or holds it: `agent:*`, `*`."""
    wanted = _normal(scope)
    return any(fnmatchcase(wanted, _normal(one)) for one in granted)


def speaks_of_scopes(granted: Iterable[str]) -> bool:
    """Tell whether these are scopes as the API writes them, `word:word`; `openid profile` and none at all are not."""
    return any(_WORDS.fullmatch(_normal(one)) for one in granted)


def _normal(scope: str) -> str:
    resource, colon, right = scope.casefold().replace(".", ":").partition(":")
    return f"{resource.removesuffix('s')}{colon}{right}"
