"""statuspage.me's API: incidents, maintenance windows, and the pages they are on."""
