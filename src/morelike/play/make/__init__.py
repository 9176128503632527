"""The side of the page that makes words: sampled, resembling, blended, scored, checked, kept and exported."""
