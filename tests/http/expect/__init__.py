"""Tests of the expectation language."""
