"""The simulator, met by independent clients: raw sockets, aiohttp, and a vendor's own SDK."""
