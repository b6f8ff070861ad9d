"""The subcommands of `statuspage`."""
