"""The back office: what happened to a booking, and what may be done about it.

Nothing here can be added, changed or deleted: staff act through the saga, which records
who did what and why, and refuses what a booking's state does not allow.
"""
