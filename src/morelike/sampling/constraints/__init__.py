"""Constraints on words: settings, automata, regular expressions, and sampling that satisfies them."""
