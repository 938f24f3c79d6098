"""Tests of prober, laid out like the package: the floors below are checked on the wheel that is installed."""
