"""Words for experiments: similar words, lexical measures, matched sets, pseudowords."""
