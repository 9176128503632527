"""Training examples: contexts with their next characters, and lines packed into rows."""
