"""The benchmark: compares rollcall with bare HTTP and with usual scripts, on both contracts.

Each contender and the tenant run in their own processes on this machine. Needs POSIX, because `os.wait4` returns the
CPU and memory of a process.
"""
