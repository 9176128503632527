"""The learning-rate test of the page, drawn while it runs."""
