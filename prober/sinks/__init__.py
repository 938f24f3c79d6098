"""Where a result goes: metrics, state, incidents, history and log, none of which asks the engine for anything."""
