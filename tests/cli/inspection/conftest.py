from ...list_server import external, server

__all__ = ["external", "server"]
