"""Reports as text: table, CSV, JSON and a page. All are pure functions of a `Report`."""
