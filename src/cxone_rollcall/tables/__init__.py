"""Tables that other programs export as text: schedules, and lists of people."""
