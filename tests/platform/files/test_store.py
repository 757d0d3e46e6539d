"""Contents lie encrypted under the key ring, each once, and can be read for as long as their key is not retired."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from xinyi_platform.files import FileStore
from xinyi_platform.keys import KeyRing, KeyRingError

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
CONTENT = b"\xff\xd8\xff\xe0 a paper with a name on it " * 40


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path, KeyRing.generate(AT))


def files_in(store: FileStore) -> list[Path]:
    return [path for path in store.folder.rglob("*") if path.is_file()]


def test_nothing_of_a_content_can_be_read_from_the_disk(store: FileStore) -> None:
    digest = store.write(CONTENT)
    (kept,) = files_in(store)
    lies_there = kept.read_bytes()
    assert store.read(digest) == CONTENT
    assert not any(CONTENT[start : start + 8] in lies_there for start in range(len(CONTENT) - 8))
    assert not lies_there.startswith(b"\xff\xd8")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640


def test_the_same_content_is_kept_once_and_not_written_again(store: FileStore) -> None:
    digest = store.write(CONTENT)
    lies_there = store.path_of(digest).read_bytes()
    assert store.write(CONTENT) == digest
    assert [path.read_bytes() for path in files_in(store)] == [lies_there]


def test_after_a_rotation_it_is_read_and_goes_under_the_new_key_when_it_is_stored_again(store: FileStore) -> None:
    digest, old = store.write(CONTENT), store.keys.current("data")
    new = store.keys.rotate("data", AT)
    assert store.read(digest) == CONTENT
    assert store.path_of(digest).read_text().startswith(f"{old.kid}.")
    store.write(CONTENT)
    assert store.path_of(digest).read_text().startswith(f"{new.kid}.")
    store.keys.retire(old.kid)
    assert store.read(digest) == CONTENT
    assert len(files_in(store)) == 1


def test_under_a_retired_key_it_is_lost_until_it_is_stored_again(store: FileStore) -> None:
    digest, old = store.write(CONTENT), store.keys.current("data")
    store.keys.rotate("data", AT)
    store.keys.retire(old.kid)
    with pytest.raises(KeyRingError):
        store.read(digest)
    store.write(CONTENT)
    assert store.read(digest) == CONTENT


def test_no_file_stands_in_for_another_and_a_changed_one_is_refused(store: FileStore) -> None:
    one, other = store.write(CONTENT), store.write(b"another")
    store.path_of(other).replace(store.path_of(one))
    with pytest.raises(KeyRingError):
        store.read(one)
    store.path_of(one).write_text("no seal at all")
    with pytest.raises(KeyRingError):
        store.read(one)


def test_what_is_not_there_is_not_found(store: FileStore) -> None:
    with pytest.raises(FileNotFoundError):
        store.read("a" * 64)


def test_what_lies_there_in_clear_is_read_and_sealed(store: FileStore) -> None:
    digest = store.write(CONTENT)
    clear = store.path_of(digest).with_suffix(".jpg")
    store.path_of(digest).unlink()
    clear.write_bytes(CONTENT)
    clear.with_name(f"{'a' * 64}.jpg").write_bytes(b"not what its name says")
    assert store.read(digest) == CONTENT
    store.seal_clear()
    assert not clear.exists()
    assert store.read(digest) == CONTENT
    assert len(files_in(store)) == 2


def test_what_is_set_aside_is_read_until_it_is_gone_and_found_again_by_whoever_stores_it(store: FileStore) -> None:
    digest = store.write(CONTENT)
    assert not store.let_go(digest, is_shared=False)
    assert store.read(digest) == CONTENT
    assert store.let_go(digest, is_shared=True)
    assert store.path_of(digest).exists()
    assert not store.let_go(digest, is_shared=False)
    store.write(CONTENT)
    assert not store.let_go(digest, is_shared=False)
    assert store.let_go(digest, is_shared=False)
    assert files_in(store) == []


@pytest.mark.parametrize("digest", ["../../etc/passwd", "..", "/etc/passwd", "a/../../b", "", "A" * 64, "a" * 63])
def test_only_a_digest_names_a_file(store: FileStore, digest: str) -> None:
    with pytest.raises(ValueError, match="no digest"):
        store.path_of(digest)
