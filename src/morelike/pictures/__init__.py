"""Pictures: plotly figures from data, without any training code."""

from morelike.installation import require

require("plotly")
