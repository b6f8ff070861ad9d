"""A campaign of faults on the real engine: `make faults`. See `docs/faults.md`."""
