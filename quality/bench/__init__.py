"""The benchmark: rollcall beside the scripts that one would write, one for each contract, and its cold start.

Everything runs on this machine: each contender in a process of its own, the emulated tenant in another one, over
loopback. Needs a POSIX system (`os.wait4` tells what a process has used).
"""
