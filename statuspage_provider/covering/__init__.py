"""The window follows the work: hooks around the resources that a maintenance window covers."""
