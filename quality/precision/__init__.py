"""How precise the diagnosis is: every fault, all pairs of faults and healthy tenants, each judged against the truth."""
