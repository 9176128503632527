"""Give it a list of words; it learns how they are spelled, makes more like them, and scores any string."""
