"""The command that writes models in other forms."""
