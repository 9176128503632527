"""Sampling from a language model: plain words and words under constraints, by rejection or look-ahead; top words."""
