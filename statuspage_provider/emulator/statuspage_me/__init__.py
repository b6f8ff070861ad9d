"""statuspage.me's incidents API."""
