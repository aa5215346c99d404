"""The fleet at 10,000 tenants: sums, and a simulation in virtual time."""
