"""A made-up service, to show what one more takes: these two files and a row."""
