"""One file per smoothing, found by its name; each holds its formula and the paper that it comes from."""
