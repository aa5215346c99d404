"""`python -m cxone_rollcall` is `rollcall`."""

from cxone_rollcall.cli.front import entry

entry()
