"""The formats of `morelike export`, a file each; the name of the file is the value of `--to`."""
