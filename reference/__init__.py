"""The parts of docs and docstrings that the source says already: written by `make docs`, checked by `make lint`."""
