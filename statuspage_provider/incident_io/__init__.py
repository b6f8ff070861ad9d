"""The incident.io Status Pages V2 API: endpoints in `api.py`, bodies in `wire.py`."""
