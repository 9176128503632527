"""Models made of trained models: a mixture of several, and a mixture over the labels of one."""
