"""Reports: the data of a run, collected from its folder and written as one page of HTML."""
