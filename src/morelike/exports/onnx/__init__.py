"""A trace as an ONNX model."""
