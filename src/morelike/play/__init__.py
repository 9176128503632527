"""The live page: it shows a small model while it learns, and looks inside it."""
