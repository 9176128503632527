"""Drawing the graph of an expression: nodes and arrows, their layout, and SVG."""
