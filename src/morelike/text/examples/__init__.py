"""Training examples: contexts with what follows them, and rows packed with lines."""
