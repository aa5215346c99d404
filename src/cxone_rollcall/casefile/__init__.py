"""Saved cases: a run as a file that is mailed, looked through, and judged again offline. Pure: others open the files.

`document` says what a file holds, `writing` and `reading` lead there and back, `anonymizing` takes people out of it.
"""
