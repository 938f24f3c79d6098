"""Tests of the loader of probes.yaml."""
