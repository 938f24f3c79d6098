"""What a run is made of, from probes and kinds to results, error classes, clocks and secrets."""
