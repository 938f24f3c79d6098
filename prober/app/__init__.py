"""The composition root: configuration, engine, sinks and web in one process; signals, reload, watchdog and drain."""

from prober.app.composition import App, ConfiguredSink
from prober.app.heart import HANG_STATUS
from prober.app.running import Options, handle_signals, run
from prober.app.start import StartError, listen_error

__all__ = ["HANG_STATUS", "App", "ConfiguredSink", "Options", "StartError", "handle_signals", "listen_error", "run"]
