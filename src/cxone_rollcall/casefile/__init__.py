"""Case files: saved runs to send, inspect and judge again offline. Pure: the caller opens the files."""
