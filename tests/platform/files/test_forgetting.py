"""What nothing names goes with its content after a day; what is named, fresh, or nobody's to judge stays."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image
from support.files import on_disk
from tortoise import Tortoise, fields

from xinyi_platform.clock import FixedClock
from xinyi_platform.files import FileColumn, NamedFiles, StoredFile, store_picture
from xinyi_platform.files.forgetting import GRACE, forget_unnamed
from xinyi_platform.guardianships.models import Guardianship
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio


@pytest.fixture
def named(runtime: Runtime) -> FileColumn:
    """A feature's column; any that holds ids will do."""
    column = FileColumn(model=Guardianship, field="ward_id", purpose="test.paper")
    runtime.part(NamedFiles).add(column)
    return column


async def stored(runtime: Runtime, colour: str = "white", purpose: str = "test.paper") -> StoredFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "PNG")
    return await store_picture(runtime.files, out.getvalue(), owner="test", purpose=purpose, now=runtime.clock.now())


async def name(file: StoredFile) -> Guardianship:
    return await Guardianship.create(
        id=new_id(), guardian_id=new_id(), ward_id=file.id, relation="parent", state="asked",
        division="410611001001", asked_at=file.created_at,
    )  # fmt: skip


async def test_what_nothing_names_any_more_goes_after_a_day_and_not_before(
    runtime: Runtime, clock: FixedClock, named: FileColumn
) -> None:
    kept, replaced = await stored(runtime), await stored(runtime, "red")
    await name(kept)
    await (await name(replaced)).delete()
    clock.advance(GRACE - timedelta(minutes=1))
    assert [await forget_unnamed(runtime) for _ in range(3)] == [0, 0, 0]
    assert runtime.files.read(replaced.digest)
    fresh = await stored(runtime, "blue")
    clock.advance(timedelta(minutes=1))
    assert [await forget_unnamed(runtime) for _ in range(3)] == [0, 1, 0]
    assert set(await StoredFile.all().values_list("id", flat=True)) == {kept.id, fresh.id}
    assert on_disk(runtime) == sorted(runtime.files.path_of(row.digest) for row in (kept, fresh))


async def test_a_content_of_several_rows_goes_with_the_last(
    runtime: Runtime, clock: FixedClock, named: FileColumn
) -> None:
    one, other, foreign = await stored(runtime), await stored(runtime), await stored(runtime, "red", "plugin.paper")
    name_of_other = await name(other)
    clock.advance(GRACE)
    assert await forget_unnamed(runtime) == 1
    assert not await StoredFile.filter(id=one.id).exists()
    assert runtime.files.read(other.digest)
    await name_of_other.delete()
    twin = await stored(runtime)
    await StoredFile.filter(id=twin.id).update(created_at=clock.now() - GRACE)
    assert [await forget_unnamed(runtime) for _ in range(2)] == [0, 2]
    assert await StoredFile.all().values_list("id", flat=True) == [foreign.id]
    assert on_disk(runtime) == [runtime.files.path_of(foreign.digest)]


async def test_what_lies_there_in_clear_is_sealed(runtime: Runtime) -> None:
    row = await stored(runtime)
    content = runtime.files.read(row.digest)
    sealed = runtime.files.path_of(row.digest)
    sealed.unlink()
    sealed.with_suffix(".jpg").write_bytes(content)
    await forget_unnamed(runtime)
    assert on_disk(runtime) == [sealed]
    assert runtime.files.read(row.digest) == content


async def test_every_column_that_names_files_is_told(runtime: Runtime) -> None:
    """One that is left out loses its files."""
    there = {
        (model, field)
        for model in Tortoise.apps["models"].values()
        for field, kind in model._meta.fields_map.items()
        if isinstance(kind, fields.UUIDField) and field.endswith(("file_id", "picture_id"))
    }
    assert there == {(column.model, column.field) for column in runtime.part(NamedFiles).columns}
