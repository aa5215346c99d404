"""The live view of one tenant: polls its agents' states and keeps a board of them."""
