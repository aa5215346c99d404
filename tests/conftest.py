"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# How long an example takes is no truth about the code; speed is measured by the benchmark.
settings.register_profile("rollcall", deadline=None)
settings.load_profile("rollcall")
