"""Tests of the engine: schedule, runs, shards, connectivity and lag."""
