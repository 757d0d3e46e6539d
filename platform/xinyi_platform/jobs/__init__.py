"""Jobs: idempotent sweeps over the database, each under a lease, so that any number of workers may run them."""

from __future__ import annotations

from xinyi_platform.jobs.running import JobRunner

__all__ = ["JobRunner"]
