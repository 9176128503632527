"""Making words: the one loop over `step`, and the filters that shape each choice."""
