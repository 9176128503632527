"""Commands that make words and score them."""
