"""The main job on a real engine, against the bundled status page: `make demo`."""
