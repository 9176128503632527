"""From a file to arrays: lists of words, vocabulary, splits, training examples."""
