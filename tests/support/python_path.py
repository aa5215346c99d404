"""The module path of processes that tests start."""

from __future__ import annotations

import os
from pathlib import Path


def first_in_path(folder: Path) -> str:
    """Return a PYTHONPATH that begins with this folder.

    Its modules hide others. The tested sources stay in the path.
    """
    return os.pathsep.join((str(folder), *filter(None, (os.environ.get("PYTHONPATH"),))))
