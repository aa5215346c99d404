"""Which code each fault of the emulator leads to."""
