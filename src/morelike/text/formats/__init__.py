"""Formats of lists: plain lines, CSV, TSV, JSON Lines and XLSX."""
