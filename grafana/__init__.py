"""The dashboards of prober as plain Python: ``python -m grafana`` writes them to ``grafana/dashboards``."""
