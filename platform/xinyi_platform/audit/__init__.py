"""The audit trail: append-only rows, chained by hashes, whose signed checkpoints can be checked with no server."""

from __future__ import annotations

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.audit.reading import acts_on
from xinyi_platform.audit.recording import audit_row, record
from xinyi_platform.audit.sealing import seal_trail
from xinyi_platform.audit.verifying import Break, export_trail, verify_rows

__all__ = ["AuditEntry", "Break", "acts_on", "audit_row", "export_trail", "record", "seal_trail", "verify_rows"]
