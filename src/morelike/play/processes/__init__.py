"""The processes that train the runs of the page."""
