"""The same work written plainly with other libraries, to be measured side by side."""
