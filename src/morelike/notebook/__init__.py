"""What a notebook shows: the pictures of a model, and a live line during training."""
