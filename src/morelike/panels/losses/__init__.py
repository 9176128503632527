"""Panels about losses: landmarks, the counts that a bigram learns, and the race of several runs."""
