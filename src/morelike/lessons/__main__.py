"""Make or update the PO files of a language: `python -m morelike.lessons fr it`."""

import sys

from morelike.lessons.update import update

if __name__ == "__main__":
    for language in sys.argv[1:]:
        update(language)
