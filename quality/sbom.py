"""Write the software bill of materials that the wheel carries (PEP 770).

It names the libraries of `requirements/container.txt`: what runs beside rollcall. The wheel itself bundles none of
them, and rollcall runs without those whose scope is optional. The same lock gives the same bytes, so the file has
neither a time nor a serial number.

Source: CycloneDX 1.6, JSON.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "container.txt"
FILE = ROOT / "requirements" / "sbom.cdx.json"
NAME = "cxone-rollcall"

_ENTRY = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)==(?P<version>[^\s;\\]+)(?: *; *(?P<marker>[^\\\n]*[^\\\s]))?")
_USER = re.compile(r"^ +#(?: via)? +([\w.-]+)", re.MULTILINE)


_FILE = "-r"
"""The user of a library that only a file of requirements names."""


class Library(NamedTuple):
    """One library of a lock. `users` are the libraries that need it, `marker` says where it is installed."""

    name: str
    version: str
    marker: str
    users: tuple[str, ...]


def libraries(lock: str) -> list[Library]:
    """The libraries of a lock, in its order."""
    entries = ((entry, _ENTRY.match(entry)) for entry in re.split(r"\n(?=\S)", lock))
    return [
        Library(found["name"], found["version"], found["marker"] or "", tuple(_USER.findall(entry)))
        for entry, found in entries
        if found
    ]


def bill(locked: list[Library], version: str) -> bytes:
    """The bill of this version of rollcall, as JSON."""
    references = {one.name: f"pkg:pypi/{one.name}@{one.version}" for one in locked}
    ours = f"pkg:pypi/{NAME}@{version}"
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": ours,
                "name": NAME,
                "version": version,
                "licenses": [{"license": {"id": "MIT"}}],
                "purl": ours,
            }
        },
        "components": [_component(one, references[one.name]) for one in locked],
        "dependencies": [
            {"ref": reference, "dependsOn": [references[one.name] for one in locked if name in one.users]}
            for name, reference in {NAME: ours, **references}.items()
        ],
    }
    return (json.dumps(document, indent=2) + "\n").encode()


def _component(library: Library, reference: str) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": reference,
        "name": library.name,
        "version": library.version,
        "purl": reference,
    }
    if library.users == (_FILE,):
        component["scope"] = "optional"
    if library.marker:
        component["properties"] = [{"name": f"{NAME}:marker", "value": library.marker}]
    return component


def current() -> bytes:
    """The bill of the lock and version of this checkout."""
    text = (ROOT / "src" / "cxone_rollcall" / "version.py").read_text(encoding="utf-8")
    version = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    if version is None:
        raise ValueError("version.py has no version")
    return bill(libraries(LOCK.read_text(encoding="utf-8")), version[1])


if __name__ == "__main__":
    FILE.write_bytes(current())
    sys.stderr.write(f"written: {FILE.relative_to(ROOT)}\n")
