"""An AI company in one process: real wire formats, faults on request, outages by script."""
