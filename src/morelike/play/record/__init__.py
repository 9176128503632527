"""A run as one file, or as a widget of a notebook: the modules of the page, with what they would ask the server for."""
