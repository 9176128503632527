"""How well a model predicts words: exact losses, their intervals, and paired comparisons."""
