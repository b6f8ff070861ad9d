"""incident.io's Status Pages V2 API, its widget and its page for people."""
