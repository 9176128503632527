"""Drawing the graph of an expression: its nodes and edges, their layout, and SVG."""
