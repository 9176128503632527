"""One step of a model as a list of operations, recorded from the architecture's own `step`.

`trace(architecture, weights)` calls `step` with `Tracer` arrays, which compute nothing and record each operation. The
result is a `Trace`: typed values, constants by the name of their weight, operations, inputs and outputs. `Runner`
runs a trace with NumPy; it is the reference of all other interpreters.
"""

from morelike.exports.tracing.evaluation import Runner
from morelike.exports.tracing.step import trace
from morelike.exports.tracing.trace import Constant, Operation, Table, Trace, Value

__all__ = ["Constant", "Operation", "Runner", "Table", "Trace", "Value", "trace"]
