"""One file per architecture, found by its name; each holds its equations and the weights that they need."""
