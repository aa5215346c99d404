"""Live view of one tenant: polls, and keeps a board."""
