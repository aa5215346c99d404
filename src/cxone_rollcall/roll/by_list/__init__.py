"""Asks the states of all agents as one list: `incontact`."""
