"""incident.io."""
