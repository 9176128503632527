"""The command `morelike`: one file per command; only the one that is called is imported."""
