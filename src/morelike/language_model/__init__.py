"""A vocabulary, an architecture and its weights: the thing that a user holds, and its files."""
