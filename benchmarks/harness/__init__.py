"""What benchmarks share: the class `Benchmark`, the machine, timed processes, and the page of results."""
