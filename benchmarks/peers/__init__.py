"""The same work written plainly with other libraries, for comparison."""
