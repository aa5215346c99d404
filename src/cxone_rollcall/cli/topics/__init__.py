"""What `rollcall help TOPIC` explains beside the commands.

Each topic is a Markdown file of this folder, and a part of a page in the documentation. Its links lead from there.
"""

from __future__ import annotations

from importlib.resources import files

TOPICS = {
    "exit-codes": "What the exit code of a command means.",
    "standings": "What present, absent, unknown and the other words of a report mean.",
    "settings": "Each setting: its variable, its option, and which place wins.",
    "apis": "The two APIs, v2 and incontact, and which one is tried first.",
    "formats": "The formats of the output, and how names and formulas are shown in them.",
    "tab-key": "How the Tab key completes commands, options and values.",
}
"""Each topic with a line about it."""


def markdown(topic: str) -> str:
    """The text of a topic. KeyError if there is no such topic."""
    if topic not in TOPICS:
        raise KeyError(topic)
    return (files(__name__) / f"{topic}.md").read_text(encoding="utf-8")
