"""A model as a PyTorch module: the code of the file, and the weights in PyTorch's form."""
