"""Commands that train models, and that make something of several."""
