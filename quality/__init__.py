"""Long campaigns that measure quality: speed, faults, diagnosis, hostile bytes."""
