"""What waits for a member of staff, by its day, from every feature that has something to say."""

from __future__ import annotations

from xinyi_platform.tasks.collecting import Task, TaskSource, tasks_of

__all__ = ["Task", "TaskSource", "tasks_of"]
