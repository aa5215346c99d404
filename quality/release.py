"""Check that this checkout may be released: `python -m quality.release TAG REPOSITORY`.

The tag is the version with a `v` before it, the changelog and `CITATION.cff` have that version, and the address of the
repository is the one of `pyproject.toml`, to which every link of the package leads.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def obstacles(root: Path, tag: str, repository: str) -> list[str]:
    """What speaks against the release of this checkout, a sentence each."""
    version = _found(root / "src" / "cxone_rollcall" / "version.py", r'^__version__ = "(.+)"$')
    urls = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    found = []
    if tag != f"v{version}":
        found.append(f"the tag is {tag}, but version.py says {version}: tag v{version}, or change version.py")
    if urls["Repository"].casefold() != repository.casefold():
        found.append(
            f"this repository is {repository}, but the package would lead to {urls['Repository']}:"
            " put the right address into pyproject.toml and CITATION.cff"
        )
    if _found(root / "CITATION.cff", r"^version: (.+)$") != version:
        found.append(f"CITATION.cff has another version than {version}: change its line 'version:'")
    if _found(root / "CHANGELOG.md", rf"^## {re.escape(version)} \((\d{{4}}-\d\d-\d\d)\)$") == "nothing":
        found.append(f"CHANGELOG.md does not date this version: its heading must be '## {version} (YYYY-MM-DD)'")
    return found


def _found(path: Path, pattern: str) -> str:
    found = re.search(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else "nothing"


def main(arguments: list[str]) -> int:
    """Print each obstacle; return 1 if there is one."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m quality.release TAG REPOSITORY\n")
        return 2
    found = obstacles(ROOT, *arguments)
    for obstacle in found:
        sys.stderr.write(f"not released: {obstacle}\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
