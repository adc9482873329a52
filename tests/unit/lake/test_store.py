"""Files in a folder or a bucket."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

import pytest

from include.errors import BadData, NotFound, Outage, SpecError
from include.lake import Store
from include.lake.storage_errors import explained


def test_what_is_written_is_read_and_listed(store: Store) -> None:
    store.write_bytes("a/b/file.bin", b"content")
    assert store.read_bytes("a/b/file.bin") == b"content"
    assert store.exists("a/b/file.bin")
    [entry] = store.list()
    assert (entry.path, entry.name, entry.size) == ("a/b/file.bin", "file.bin", 7)
    assert entry.mtime_ns > 0


def test_writing_again_replaces_the_content(store: Store) -> None:
    store.write_bytes("file", b"old")
    store.write_bytes("file", b"new content")
    assert store.read_bytes("file") == b"new content"


def test_listing_is_recursive_sorted_and_limited_to_the_prefix(store: Store) -> None:
    for path in ("b/2", "a/x/1", "a/1", "ab/1"):
        store.write_bytes(path, b"")
    assert [entry.path for entry in store.list("a")] == ["a/1", "a/x/1"]
    assert [entry.path for entry in store.list()] == ["a/1", "a/x/1", "ab/1", "b/2"]


def test_listing_what_is_not_there_is_empty(store: Store) -> None:
    assert store.list("nowhere") == []
    assert store.list() == []


def test_a_folder_is_no_file(store: Store) -> None:
    store.write_bytes("folder/file", b"")
    assert not store.exists("folder")


def test_a_store_under_a_prefix_sees_paths_from_there(store: Store) -> None:
    store.write_bytes("zone/key/file", b"x")
    zone = store.under("zone")
    assert [entry.path for entry in zone.list()] == ["key/file"]
    assert zone.locate("key/file") == store.locate("zone/key/file")
    assert zone.read_bytes("key/file") == b"x"


def test_reading_what_is_not_there_is_not_found_naming_its_address(store: Store) -> None:
    with pytest.raises(NotFound, match=r"no file .*/missing/file"):
        store.read_bytes("missing/file")
    assert not store.exists("missing/file")


def test_deleting_is_the_same_once_or_twice(store: Store) -> None:
    store.write_bytes("file", b"x")
    store.delete("file")
    store.delete("file")
    assert not store.exists("file")


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../outside", "a/../../outside", "a//b", "a/./b", "a\0b", "a/"])
def test_no_path_leaves_the_root(store: Store, path: str) -> None:
    for attempt in (store.read_bytes, store.exists, store.under, lambda p: store.write_bytes(p, b"")):
        with pytest.raises(BadData, match=r"no path inside"):
            attempt(path)


def test_any_number_of_writers_leave_one_whole_content(store: Store) -> None:
    contents = [bytes([n]) * 50_000 for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda content: store.write_bytes("shared/file", content), contents))
    assert store.read_bytes("shared/file") in contents
    assert [entry.path for entry in store.list()] == ["shared/file"]


def test_a_write_that_breaks_leaves_the_old_content_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(str(tmp_path))
    store.write_bytes("file", b"old")

    def full(_: int) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Outage, match=r"disk is full, .*/file was not written"):
        store.write_bytes("file", b"new")
    assert store.read_bytes("file") == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_unfinished_file_of_a_killed_writer_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / ".0123.unfinished").write_bytes(b"half")
    assert Store.open(str(tmp_path)).list() == []


def test_a_folder_that_cannot_be_made_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Outage, match=r"could not be read or written"):
        Store.open(str(tmp_path)).write_bytes("file/below", b"")


def test_a_file_address_means_the_folder(tmp_path: Path) -> None:
    Store.open(f"file://{tmp_path}/lake").write_bytes("a", b"x")
    assert Store.open(str(tmp_path / "lake")).read_bytes("a") == b"x"


def test_an_unknown_kind_of_address_is_refused_with_the_choices() -> None:
    with pytest.raises(SpecError, match=r"use a local folder or s3://bucket/prefix"):
        Store.open("ftp://host/lake")


@pytest.mark.parametrize("action", ["list", "read", "write"])
def test_a_missing_bucket_is_not_found_naming_it(s3: str, action: str) -> None:
    store = Store.open("s3://no-such-bucket/lake")
    actions: dict[str, Any] = {
        "list": store.list,
        "read": lambda: store.read_bytes("file"),
        "write": lambda: store.write_bytes("file", b""),
    }
    with pytest.raises(NotFound, match=r"no bucket no-such-bucket .*Create it"):
        actions[action]()


def test_a_server_that_does_not_answer_is_an_outage(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(Outage, match=r"did not answer for s3://lake/x.*AWS_ENDPOINT_URL"):
        Store.open("s3://lake").read_bytes("x")


def test_refused_credentials_are_told_apart_from_a_missing_bucket() -> None:
    refused = OSError("When reading: AWS Error ACCESS_DENIED during HeadObject operation: No response body.")
    found = explained("s3://lake/x", refused)
    assert isinstance(found, NotFound)
    assert "No access to bucket lake" in str(found)
    assert "AWS_ACCESS_KEY_ID" in str(found)


def test_a_bucket_can_be_the_root(s3: str) -> None:
    store = Store.open("s3://lake/")
    store.write_bytes("at-the-root", b"x")
    assert "at-the-root" in [entry.path for entry in store.list()]
    store.delete("at-the-root")
    assert isinstance(store.list(), list)


def test_a_rewrite_of_the_same_size_has_another_tag_even_within_a_second(s3: str) -> None:
    store = Store.open(f"{s3}/tags" if s3.startswith("s3://") else "s3://lake/tags")
    store.write_bytes("one", b"a")
    [before] = store.list()
    store.write_bytes("one", b"b")
    [after] = store.list()
    assert (before.size, before.path) == (after.size, after.path)
    assert before.tag != after.tag


# Files too large to hold


def test_a_file_is_copied_out_and_moved_in_whole(store: Store, tmp_path: Path) -> None:
    content = bytes(range(256)) * 5000
    store.write_bytes("a/file", content)
    store.download("a/file", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == content
    (tmp_path / "new").write_bytes(content[::-1])
    store.upload(tmp_path / "new", "b/deep/file")
    assert store.read_bytes("b/deep/file") == content[::-1]
    assert not (tmp_path / "new").exists()


def test_moving_in_replaces_what_was_there(store: Store, tmp_path: Path) -> None:
    store.write_bytes("file", b"old")
    (tmp_path / "new").write_bytes(b"new")
    store.upload(tmp_path / "new", "file")
    assert store.read_bytes("file") == b"new"
    assert [entry.path for entry in store.list()] == ["file"]


def test_what_is_not_there_cannot_be_copied_out(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no file .*/missing"):
        store.download("missing", tmp_path / "copy")


@pytest.mark.parametrize("path", ["../outside", "", "/etc/passwd", "a/../../outside"])
def test_nothing_is_copied_across_the_root(store: Store, tmp_path: Path, path: str) -> None:
    (tmp_path / "new").write_bytes(b"x")
    for attempt in (store.download, lambda p, f: store.upload(f, p)):
        with pytest.raises(BadData, match=r"no path inside"):
            attempt(path, tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == b"x"


def test_a_file_from_another_file_system_is_moved_in_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, source = Store.open(str(tmp_path / "lake")), tmp_path / "elsewhere"
    source.write_bytes(b"new")
    replace = Path.replace

    def across(self: Path, target: Path) -> Path:
        if self == source:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", across)
    store.upload(source, "file")
    assert store.read_bytes("file") == b"new"
    assert not source.exists()
    assert [entry.path for entry in store.list()] == ["file"]


def test_a_move_that_breaks_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store.open(str(tmp_path / "lake"))
    store.write_bytes("file", b"old")
    (tmp_path / "new").write_bytes(b"new")

    def full(_: int) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Outage, match=r"disk is full"):
        store.upload(tmp_path / "new", "file")
    assert store.read_bytes("file") == b"old"


def test_an_upload_that_s3_does_not_take_is_an_outage(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new").write_bytes(b"x")
    with pytest.raises(NotFound, match=r"no bucket no-such-bucket|did not take"):
        Store.open("s3://no-such-bucket").upload(tmp_path / "new", "file")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(Outage, match=r"S3 did not"):
        Store.open("s3://lake").upload(tmp_path / "new", "file")
    assert (tmp_path / "new").exists()


def test_a_scratch_folder_is_hidden_and_gone_at_the_end(store: Store) -> None:
    with store.scratch() as one, store.scratch() as other:
        assert one != other
        (one / "part").write_bytes(b"x")
        assert store.list() == []
    assert not one.exists()
    assert not other.exists()


def test_a_killed_processs_scratch_is_removed_after_a_day_and_a_living_ones_is_not(tmp_path: Path) -> None:
    store = Store.open(str(tmp_path))
    old, young = tmp_path / ".unfinished" / "old", tmp_path / ".unfinished" / "young"
    for folder in (old, young):
        folder.mkdir(parents=True)
        (folder / "part").write_bytes(b"x")
    os.utime(old, (0, 0))
    with store.scratch():
        assert (old.exists(), young.exists()) == (False, True)
