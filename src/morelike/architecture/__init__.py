"""What an architecture is: hyper-parameters, the maths as methods, and no weights inside.

Every architecture is a language model of characters: fed the characters so far, it gives the logits of the next one.
Its one interface for use is `(state, token) -> (state, logits)`; feeding the end symbol always begins a new line, so
lines may follow one another in a row and no mask is needed.

```
Architecture                  start, step, log_probabilities
├── CountedArchitecture       fit: learned by counting                       (ngram)
└── TrainedArchitecture       init, logits: learned by gradient descent
    ├── WindowArchitecture    predict: the last K characters -> logits       (mlp)
    └── RecurrentArchitecture cell: state and input -> state                 (gru)
```

A new architecture is one file in `models/`: it is found there by its name.
"""

from morelike.architecture.contract import (
    Architecture,
    CountedArchitecture,
    RecurrentArchitecture,
    TrainedArchitecture,
    WindowArchitecture,
)
from morelike.architecture.discovery import build, find, kinds, plain_reason
from morelike.architecture.mode import USE, Cell, Mode, Parts, parts, products

__all__ = [
    "USE",
    "Architecture",
    "Cell",
    "CountedArchitecture",
    "Mode",
    "Parts",
    "RecurrentArchitecture",
    "TrainedArchitecture",
    "WindowArchitecture",
    "build",
    "find",
    "kinds",
    "parts",
    "plain_reason",
    "products",
]
