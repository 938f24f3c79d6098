"""Tests of the command line, with processes and without."""
