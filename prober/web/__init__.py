"""What people and Prometheus see: status page, JSON API, metrics, health."""
