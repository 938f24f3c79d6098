"""When and how runs happen: the schedule, the run with its deadline, shards, connectivity and the event loop's lag."""

from prober.engine.connectivity import Connectivity
from prober.engine.engine import Engine, Gauges, Sink
from prober.engine.execute import execute
from prober.engine.journal import write_journal
from prober.engine.lag import LagMonitor
from prober.engine.limits import concurrent_runs, raise_file_limit
from prober.engine.scheduler import Scheduler
from prober.engine.shard import Shard

__all__ = [
    "Connectivity",
    "Engine",
    "Gauges",
    "LagMonitor",
    "Scheduler",
    "Shard",
    "Sink",
    "concurrent_runs",
    "execute",
    "raise_file_limit",
    "write_journal",
]
