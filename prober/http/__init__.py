"""One measured HTTP exchange: connector, phases, redirects, bounds, cookies, expectations, event streams."""
