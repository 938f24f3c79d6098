"""When and how runs happen: the schedule, the run with its deadline, shards, connectivity and the event loop's lag."""

from prober.engine.connectivity import Connectivity
from prober.engine.execute import execute
from prober.engine.lag import LagMonitor
from prober.engine.scheduler import Scheduler
from prober.engine.shard import Shard

__all__ = ["Connectivity", "LagMonitor", "Scheduler", "Shard", "execute"]
