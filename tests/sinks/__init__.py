"""Tests of what becomes of a result."""
