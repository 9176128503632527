"""Training loops: steps a second against plain loops of PyTorch, and against more processes and longer lists."""
