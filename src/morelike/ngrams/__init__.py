"""N-grams: counting, smoothing, interpolation, and looking ahead over their contexts."""
