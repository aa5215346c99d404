"""`python -m rollcall` is `rollcall`."""

from rollcall.cli.front import entry

entry()
