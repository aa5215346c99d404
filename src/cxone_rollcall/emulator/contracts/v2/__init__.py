"""The emulator's `v2` contract."""
