"""`python -m cxone_rollcall` is `rollcall`."""

from cxone_rollcall.cli.entry import entry

entry()
