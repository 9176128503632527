"""Panels about words: their surprisal, samples, the next character, guesses, and memorisation."""
