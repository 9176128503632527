"""What an architecture is: hyper-parameters, and the mathematics of a model as methods. Weights are kept apart.

Every architecture is a language model of characters: it reads the characters so far and returns the logits of the next
one. The interface in use is `(state, token) -> (state, logits)`. The end symbol always begins a new line, so a row can
hold several lines one after another, and no mask is needed.

```
Architecture                  start, step, log_probabilities
├── CountedArchitecture       fit: learned by counting
│   └── LabelledCounts        count: a mixture of estimates                 (ngram)
└── TrainedArchitecture       shapes, init, logits: learned by gradient descent
    ├── WindowArchitecture    predict: the last K characters -> logits       (bigram, mlp, deep_mlp, wavenet)
    └── SequenceArchitecture  features, output: all characters -> logits     (bow, transformer)
        └── RecurrentArchitecture cell: state and input -> state             (rnn, gru, lstm)
(Mixture averages several models of any kind)
```

To add an architecture, write one file in `models/` with one class: `discovery` finds it by the file's name, and the
tests in `tests/contract` try it. `contract` says what to write. Whatever else the package must know of a kind (does it
take labels, does it read contexts or rows) is a property with a default there, so that nobody asks for its class.

`LabelledCounts` is imported from its own module, `ngrams.labelled`: networks do not need its slow imports.
"""

from morelike.architecture.cell import Blocks, Cell, gate_products, split_blocks
from morelike.architecture.contract import (
    Architecture,
    CountedArchitecture,
    MixtureMember,
    SequenceArchitecture,
    TrainedArchitecture,
    WindowArchitecture,
)
from morelike.architecture.discovery import MIXTURE, build, find, kinds, plain_reason
from morelike.architecture.embeddings import concatenated_embeddings
from morelike.architecture.label_table import LABELS, condition_on_label, input_table_and_ids
from morelike.architecture.mode import USE, Mode, Use
from morelike.architecture.normalization import BATCH_MOMENTUM, batch_norm, fresh_batch_norm, layer_norm
from morelike.architecture.positions import positions_and_mask
from morelike.architecture.recurrent import RecurrentArchitecture
from morelike.architecture.search_range import NOT_TUNED, Choices, SearchRange, sizes

__all__ = [
    "BATCH_MOMENTUM",
    "LABELS",
    "MIXTURE",
    "NOT_TUNED",
    "USE",
    "Architecture",
    "Blocks",
    "Cell",
    "Choices",
    "CountedArchitecture",
    "MixtureMember",
    "Mode",
    "RecurrentArchitecture",
    "SearchRange",
    "SequenceArchitecture",
    "TrainedArchitecture",
    "Use",
    "WindowArchitecture",
    "batch_norm",
    "build",
    "concatenated_embeddings",
    "condition_on_label",
    "find",
    "fresh_batch_norm",
    "gate_products",
    "input_table_and_ids",
    "kinds",
    "layer_norm",
    "plain_reason",
    "positions_and_mask",
    "sizes",
    "split_blocks",
]
