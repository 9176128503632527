"""Training loops: steps a second against plain PyTorch loops, with more processes, and on longer lists."""
