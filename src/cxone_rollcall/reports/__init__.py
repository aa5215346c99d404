"""Reports over a history: what each kind computes. `views/reports/` shows them."""
