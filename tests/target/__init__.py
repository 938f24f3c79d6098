"""A zoo of servers that misbehave, one port each, written apart from what it tests: raw bytes on plain sockets."""
