"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# How long an example takes is no truth about the code; speed is measured by the benchmark.
settings.register_profile("rollcall", deadline=None)
settings.load_profile("rollcall")

# The keyring of whoever runs the tests is never asked, and no window to unlock it is opened.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
