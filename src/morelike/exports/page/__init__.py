"""A model as one page of HTML: its weights in few bits, its trace as a program, and the scripts that run it."""
