"""Breaks each response of `rollcall check` in each way, and judges it.

A proxy between the command and an emulated tenant relays all responses except the one that it strikes. The run is
right, an honest partial (it says what is unknown and why), or wrong.
"""
