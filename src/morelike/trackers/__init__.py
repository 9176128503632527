"""Trackers: other programs that show the curves of a run. Each is an extra, and a listener of the events."""

from morelike.trackers.listener import track
from morelike.trackers.tracker import Tracker

__all__ = ["Tracker", "track"]
