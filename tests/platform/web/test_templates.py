"""Every template of every feature: both languages, nothing inline."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = sorted(
    path
    for room in ("platform", "merchants", "scenarios", "rewards")
    for path in (ROOT / room).rglob("templates/**/*.html")
)
_TOKENS = re.compile(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", re.S)
# The switch names each language in itself.
_OWN_NAMES = re.compile(r'<(\w+)[^>]*\blang="zh-CN"[^>]*>[^<]*</\1>')
_INLINE = re.compile(r"<style\b|\sstyle\s*=|<[^>]*\son[a-z]+\s*=|javascript:|<script(?![^>]*\ssrc=)", re.I)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_visible_text_is_in_both_languages(path: Path) -> None:
    bare = _TOKENS.sub("", _OWN_NAMES.sub("", path.read_text()))
    assert not re.findall(r"[^\x00-\x7f]*[\u4e00-\u9fff]+[^<\n]*", bare)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_nothing_is_inline(path: Path) -> None:
    assert not _INLINE.findall(_TOKENS.sub("", path.read_text()))
