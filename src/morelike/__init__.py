"""Give it a list of words; it learns how they are spelled, makes more like them, and scores any string.

>>> import morelike
>>> words = morelike.read_lines("names")
>>> parts = morelike.split(words, "shuffle-42")
>>> model = morelike.train(words, kind="ngram")
>>> len(model.sample(20, seed=1))
20
>>> emma, xqzt = model.log_probability(["emma", "xqzt"])  # nats
>>> bool(emma > xqzt)
True
"""

from morelike.api import compare, load, train
from morelike.errors import MorelikeError
from morelike.evaluation.intervals import Comparison
from morelike.evaluation.loss import Evaluation
from morelike.language_model.model import LanguageModel
from morelike.text.corpus import read_lines, read_text
from morelike.text.splits import Split, split

__all__ = [
    "Comparison",
    "Evaluation",
    "LanguageModel",
    "MorelikeError",
    "Split",
    "compare",
    "load",
    "read_lines",
    "read_text",
    "split",
    "train",
]
