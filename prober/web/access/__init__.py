"""Who may see the web interface: TLS, certificates of clients, passwords, in the format of Prometheus' exporters."""
