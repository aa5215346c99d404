"""Case files: a run saved to be sent, inspected, and judged again offline. Pure: the caller opens the files."""
