"""Reports: what a run is, did and is worth, gathered from its folder and written as one page of HTML."""
