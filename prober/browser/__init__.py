"""A browser as a measuring instrument: its process, the DevTools protocol, and one load of a page."""
