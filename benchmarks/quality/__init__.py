"""Quality: seconds to a published loss, the figures of the README, classifiers."""
