"""When and how runs happen: the schedule, the run with its deadline, shards, connectivity and the event loop's lag."""

from prober.engine.breaker import HELD_BACK, Breaker
from prober.engine.connectivity import Connectivity
from prober.engine.engine import Engine, Gauges, Sink
from prober.engine.execute import execute
from prober.engine.journal import write_journal
from prober.engine.lag import LagMonitor
from prober.engine.ledger import LEDGER, Account, read_ledger
from prober.engine.limits import concurrent_runs, raise_file_limit
from prober.engine.purse import Purse
from prober.engine.scheduler import Scheduler
from prober.engine.shard import Shard

__all__ = [
    "HELD_BACK",
    "LEDGER",
    "Account",
    "Breaker",
    "Connectivity",
    "Engine",
    "Gauges",
    "LagMonitor",
    "Purse",
    "Scheduler",
    "Shard",
    "Sink",
    "concurrent_runs",
    "execute",
    "raise_file_limit",
    "read_ledger",
    "write_journal",
]
