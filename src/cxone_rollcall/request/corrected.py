"""Writes a request as a curl command, safe to paste. Secrets are variables."""

from __future__ import annotations

import re
from shlex import quote
from urllib.parse import unquote_plus

from cxone_rollcall.request.question import Question
from cxone_rollcall.request.secrets import is_secret_parameter

TOKEN = "CXONE_TOKEN"  # noqa: S105  the name of a variable
_LEFT_OUT = re.compile(
    r"authorization|accept|correlationid|(?:sec|accept)-.*|cookie|origin|referer|user-agent|cache-control|pragma|dnt"
)
"""Headers that every command here has, and those of browsers."""
MOST_BATCHES = 3


def corrected(questions: tuple[Question, ...]) -> str:
    """The requests as commands for a shell, at most `MOST_BATCHES` of them."""
    return "\n".join(map(_command, questions[:MOST_BATCHES]))


def _command(question: Question) -> str:
    lines = [f"curl {_address(question)}", _header("Authorization", f"Bearer ${TOKEN}")]
    lines.append(_header("Accept", "application/json"))
    for name, _ in question.request.headers:
        if not _LEFT_OUT.fullmatch(name.lower()):
            lines.append(_header(name, f"${_variable(name)}"))
    return " \\\n  ".join(lines)


def _header(name: str, value: str) -> str:
    """An option for a header. Its name has letters, digits and hyphens only, so double quotes are safe."""
    return f'-H "{name}: {value}"' if "$" in value else f"-H {quote(f'{name}: {value}')}"


def _address(question: Question) -> str:
    request = question.request
    written, plain, mark = "", f"{request.base}{request.path}", "?"
    for name, value in request.query:
        if is_secret_parameter(name, value):
            written += f'{quote(f"{plain}{mark}{name}=")}"${_variable(unquote_plus(name))}"'
            plain = ""
        else:
            plain += f"{mark}{name}={value}"
        mark = "&"
    return written + (quote(plain) if plain else "")


def _variable(name: str) -> str:
    """The name of a variable for a secret: `X-Api-Key` is X_API_KEY."""
    plain = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").upper()
    return plain if plain and not plain[0].isdecimal() else f"SECRET_{plain}".rstrip("_")
