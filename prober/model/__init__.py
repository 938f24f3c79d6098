"""What a run is: probes, kinds, runs, results, error classes, clocks and secrets. Standard library only."""
