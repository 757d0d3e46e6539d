"""Requests to other systems: one way to make a client, with the authorities that it trusts read once a process."""

from __future__ import annotations

import ssl
from functools import lru_cache

import httpx


def http_client(*, timeout_seconds: float) -> httpx.AsyncClient:
    """Return a client that follows no redirect: whom we ask is whom an operator named. Close it after use."""
    return httpx.AsyncClient(timeout=timeout_seconds, follow_redirects=False, verify=_trusted())


@lru_cache(1)
def _trusted() -> ssl.SSLContext:
    """Read the authorities: it takes tens of milliseconds, in which an event loop serves nobody."""
    return httpx.create_ssl_context()
