"""The traps of this layout, and the sizes that keep a file readable."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support.sources import ROOMS, ROOT, sources

MOST_LINES = 400


def test_no_package_shadows_the_standard_library() -> None:
    """`platform/__init__.py` would replace the standard library's module for whoever runs from the checkout."""
    assert not [room for room in (*ROOMS, "alembic") if (ROOT / room / "__init__.py").exists()]
    example = ROOT / "tests" / "example_plugin"  # a package of its own, built and installed outside the host
    assert not [path for path in (ROOT / "tests").rglob("__init__.py") if example not in path.parents]


def test_the_standard_librarys_platform_is_the_one_imported_from_the_checkout() -> None:
    code = "import platform; print(platform.python_version())"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr


def test_pytest_imports_by_path(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.getoption("importmode") == "importlib"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_holds_one_package_and_its_types_are_published(room: str) -> None:
    packages = [path.name for path in (ROOT / room).iterdir() if path.is_dir() and not path.name.startswith("__")]
    assert packages == [f"xinyi_{room}"]
    assert (ROOT / room / f"xinyi_{room}" / "py.typed").exists()


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    paths = [source.path for source in sources()]
    paths += [path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py")]
    paths += [ROOT / "alembic" / name for name in ("bridge.py", "env.py")]
    long = {str(path): count for path in paths if (count := len((ROOT / path).read_text().splitlines())) >= MOST_LINES}
    assert not long


def test_every_folder_with_modules_is_a_package() -> None:
    """A forgotten `__init__.py` makes a namespace package, which a wheel may leave out."""
    folders = {source.path.parent for source in sources()}
    assert not [folder for folder in sorted(folders) if not (ROOT / folder / "__init__.py").exists()]
