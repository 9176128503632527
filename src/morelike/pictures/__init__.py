"""Pictures: plotly figures from data, without any training code."""
