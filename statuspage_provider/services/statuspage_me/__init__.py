"""statuspage.me."""
