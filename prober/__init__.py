"""prober: know whether an AI service works as a person uses it."""

__version__ = "0.1.0"
