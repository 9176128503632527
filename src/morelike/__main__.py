"""`python -m morelike` is the command `morelike`."""

from morelike.cli.main import main

if __name__ == "__main__":
    main()
