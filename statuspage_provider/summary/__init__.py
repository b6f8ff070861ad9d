"""`statuspage summary`: what an `up` will announce, read from a preview, before it is merged."""
