"""Lists larger than memory: their format on disk, and building one in two passes."""
