"""Commands that look at models, runs and lists."""
