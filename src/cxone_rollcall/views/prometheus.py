"""Figures as Prometheus text. Source: Prometheus, *Exposition formats*, text format 0.0.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[Mapping[str, str], float]
"""Labels and value."""

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def metric(name: str, kind: str, about: str, samples: Iterable[Sample]) -> list[str]:
    """The lines of a metric, [] without a sample."""
    made = [f"rollcall_{name}{_labels(labels)} {number(value)}" for labels, value in samples]
    return [f"# HELP rollcall_{name} {about}", f"# TYPE rollcall_{name} {kind}", *made] if made else []


def number(value: float) -> str:
    """A value as text, with thousandths at most."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _labels(labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{name}="{text.translate(_ESCAPES)}"' for name, text in labels.items())
    return "{" + inside + "}" if labels else ""
