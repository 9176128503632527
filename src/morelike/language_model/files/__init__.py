"""What a model folder holds: its files, what they state besides the weights, and the card for people."""
