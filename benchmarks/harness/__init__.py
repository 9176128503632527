"""What benchmarks share: what one is, the machine, processes that are timed, and the page of results."""
