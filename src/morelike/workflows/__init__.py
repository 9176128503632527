"""What several runs or models are made into: model selection, mixtures, classifiers, tests of a setting."""
