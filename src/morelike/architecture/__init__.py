"""What an architecture is: hyper-parameters, the maths as methods, and no weights inside.

Every architecture is a language model of characters: fed the characters so far, it gives the logits of the next one.
Its one interface for use is `(state, token) -> (state, logits)`; feeding the end symbol always begins a new line, so
lines may follow one another in a row and no mask is needed.

```
Architecture                  start, step, log_probabilities
├── CountedArchitecture       fit: learned by counting
│   └── LabelledCounts        count: a mixture of estimates                 (ngram)
└── TrainedArchitecture       init, logits: learned by gradient descent
    ├── WindowArchitecture    predict: the last K characters -> logits       (bigram, mlp, deep_mlp, wavenet)
    └── SequenceArchitecture  features, output: all characters -> logits     (bow, transformer)
        └── RecurrentArchitecture cell: state and input -> state             (rnn, gru, lstm)
(Mixture holds several models of any kind)
```

A kind that takes labels is `Labelled` as well, which is all that it takes for the rest to know.

A new architecture is one file in `models/`: it is found there by its name. `LabelledCounts` is imported from its own
module, `ngrams.labelled`: counting takes time to import, which networks do without.
"""

from morelike.architecture.contract import (
    Architecture,
    CountedArchitecture,
    MixtureMember,
    RecurrentArchitecture,
    SequenceArchitecture,
    TrainedArchitecture,
    WindowArchitecture,
)
from morelike.architecture.discovery import MIXTURE, build, find, kinds, plain_reason
from morelike.architecture.label_table import LABELS, condition_on_label, input_table_and_ids
from morelike.architecture.mode import USE, Cell, Mode, Parts, Use, parts, products
from morelike.architecture.normalization import BATCH_MOMENTUM, batch_norm, fresh_batch_norm, layer_norm
from morelike.architecture.positions import positions_and_mask

__all__ = [
    "BATCH_MOMENTUM",
    "LABELS",
    "MIXTURE",
    "USE",
    "Architecture",
    "Cell",
    "CountedArchitecture",
    "MixtureMember",
    "Mode",
    "Parts",
    "RecurrentArchitecture",
    "SequenceArchitecture",
    "TrainedArchitecture",
    "Use",
    "WindowArchitecture",
    "batch_norm",
    "build",
    "condition_on_label",
    "find",
    "fresh_batch_norm",
    "input_table_and_ids",
    "kinds",
    "layer_norm",
    "parts",
    "plain_reason",
    "positions_and_mask",
    "products",
]
