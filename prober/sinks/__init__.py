"""Where a Result goes: metrics, state, history, log. A sink never asks the engine or a probe for anything."""
