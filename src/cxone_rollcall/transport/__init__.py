"""How bytes travel: one request out, one answer in, at the pace that the server allows."""
