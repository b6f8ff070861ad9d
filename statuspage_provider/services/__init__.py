"""The services: what each can do, and its API as methods."""
