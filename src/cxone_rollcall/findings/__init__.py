"""What can be wrong and how we know: pure judgement of observations. `catalogue` lists all of it."""
