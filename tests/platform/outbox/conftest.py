"""A partner's receiver of webhooks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.hooks import Receiver, running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running() as server:
        yield server
