"""Every fault at every request: a run of `rollcall check` is struck once at each of its requests, in every way.

Between the real command and an emulated tenant stands a go-between that relays each answer, byte for byte of HTTP, but
for the one that it strikes. What the run comes to is right, or says what is unknown and why, or is wrong.
"""
