"""What shoppers' apps tell about what was looked at; nothing says who it was."""

from services.analytics.tracking import MAX_EVENTS, Ignored, Seen, forget_old, track

__all__ = ["MAX_EVENTS", "Ignored", "Seen", "forget_old", "track"]
