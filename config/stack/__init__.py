"""The whole shop as processes of its own: what the demo, the benchmarks and the fault tests start, kill and stop."""
