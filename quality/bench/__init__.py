"""The benchmark: rollcall beside bare HTTP and usual scripts.

Each contender and the tenant run in their own processes on this machine. Needs POSIX, because `os.wait4` returns the
CPU and memory of a process.
"""
