"""The benchmark: rollcall beside the script that a tutorial would have you write, and the cold start of its command.

Everything runs on this machine: each contender in a process of its own, the emulated tenant in another one, over
loopback. Needs a POSIX system (`os.wait4` tells what a process has used).
"""
