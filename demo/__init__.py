"""A database upgrade in its window, on a real engine, against the bundled status page: `make demo`."""
