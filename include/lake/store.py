"""Files by relative path under one root, local or S3, through one interface."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pyarrow import fs

from include.errors import BadData, NotFound, SpecError
from include.lake import local_files, s3
from include.lake.local_files import UNFINISHED
from include.lake.storage_errors import explained

CONNECT_SECONDS = 5
REQUEST_SECONDS = 60
_PIECE = 1 << 23


@dataclass(frozen=True)
class Entry:
    """One file of a listing; `path` is relative to the store's root.

    `tag` changes whenever the content does: the date to the nanosecond locally, the ETag in S3.
    """

    path: str
    size: int
    mtime_ns: int
    tag: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Store:
    """The files under one root. Paths are relative and posix, and none leaves the root."""

    uri: str
    filesystem: Any
    root: str

    @classmethod
    def open(cls, uri: str) -> "Store":
        """The store at a local folder, `file:///folder` or `s3://bucket/prefix`; nothing is touched yet."""
        parts = urlsplit(uri)
        if parts.scheme == "s3":
            bucket_and_prefix = f"{parts.netloc}{parts.path}".rstrip("/")
            return cls(f"s3://{bucket_and_prefix}", _s3(), bucket_and_prefix)
        if parts.scheme == "file":
            return cls.open(parts.path)
        if "://" in uri:
            raise SpecError(f"{uri} is no place for data: use a local folder or s3://bucket/prefix.")
        folder = Path(uri).expanduser().absolute().as_posix()
        return cls(folder, fs.LocalFileSystem(), folder)

    def under(self, prefix: str) -> "Store":
        """The same store with a folder of it as its root."""
        root = self._full(prefix)
        return replace(self, uri=self.locate(prefix), root=root)

    def locate(self, path: str) -> str:
        """The full address of a path, for messages and links."""
        return f"{self.uri}/{path}"

    @property
    def is_local(self) -> bool:
        return isinstance(self.filesystem, fs.LocalFileSystem)

    def exists(self, path: str) -> bool:
        """Whether there is a file at the path."""
        with self.explaining(path):
            return bool(self.filesystem.get_file_info(self._full(path)).type == fs.FileType.File)

    def list(self, prefix: str = "") -> list[Entry]:
        """Every file below the prefix, by path; none if there is nothing. A missing bucket is NotFound.

        Links are no files and no folders: they could lead out of the root.
        """
        where = self._full(prefix) if prefix else self.root
        if not self.is_local:
            return sorted(self._objects(where), key=lambda entry: entry.path)
        with self.explaining(prefix):
            files = [
                self._entry(path, size, mtime_ns)
                for path, size, mtime_ns in local_files.files(where if prefix else f"{where}/")
            ]
        return sorted((one for one in files if not _is_unfinished(one.path)), key=lambda entry: entry.path)

    def read_bytes(self, path: str) -> bytes:
        """The whole content of a file."""
        with self.explaining(path), self.open_input(path) as source:
            return bytes(source.read())

    def open_input(self, path: str) -> Any:
        """The file opened for reading at any position."""
        with self.explaining(path):
            return self.filesystem.open_input_file(self._full(path))

    def write_bytes(self, path: str, data: bytes) -> None:
        """Writes the file so that a reader sees the old content or the new, never a part."""
        full = self._full(path)
        with self.explaining(path):
            if self.is_local:
                local_files.replace_file(Path(full), data)
                return
            with self.filesystem.open_output_stream(full) as target:  # appears when the upload is complete
                target.write(data)

    def download(self, path: str, target: Path) -> None:
        """Copies a file of the store to a local one, whatever its size."""
        full = self._full(path)
        with self.explaining(path):
            if self.is_local:
                shutil.copyfile(full, target)
                return
            with self.filesystem.open_input_file(full) as source, target.open("wb") as copy:
                while piece := source.read(_PIECE):
                    copy.write(piece)

    def upload(self, source: Path, path: str) -> None:
        """Moves a local file into the store, whatever its size: a reader sees all of it or what was there before."""
        full = self._full(path)
        with self.explaining(path):
            if self.is_local:
                local_files.move_file(source, Path(full))
            else:
                bucket, _, key = full.partition("/")
                s3.upload(source, bucket, key)
                source.unlink()

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A local folder of one's own, from which files can be moved into a local store at once; gone at the end.

        What killed processes left behind is removed after a day.
        """
        parent = Path(self.root, UNFINISHED) if self.is_local else Path(tempfile.gettempdir(), f"perennial{UNFINISHED}")
        with self.explaining(UNFINISHED), local_files.scratch(parent) as folder:
            yield folder

    def delete(self, path: str) -> None:
        """Removes the file, if it is there."""
        if self.exists(path):
            with self.explaining(path):
                self.filesystem.delete_file(self._full(path))

    @contextmanager
    def explaining(self, path: str) -> Iterator[None]:
        """Turns what storage reports into NotFound or Outage, with the address and what to do."""
        try:
            yield
        except FileNotFoundError as error:
            self._require_bucket()
            raise NotFound(f"There is no file {self.locate(path)}.") from error
        except OSError as error:
            raise explained(self.locate(path), error) from error

    def _require_bucket(self) -> None:
        if not self.is_local:
            self.list("_")  # nothing is there, but a bucket that is missing says so

    def _full(self, path: str) -> str:
        parts = path.split("/")
        if not path or "\0" in path or any(part in {"", ".", ".."} for part in parts):
            raise BadData(f"{path!r} is no path inside {self.uri}: names may not be empty, '.', '..' or absolute.")
        return f"{self.root}/{path}"

    def _entry(self, path: str, size: int, mtime_ns: int) -> Entry:
        return Entry(path[len(self.root) :].lstrip("/"), size, mtime_ns, str(mtime_ns))

    def _objects(self, where: str) -> Iterator[Entry]:
        bucket, _, prefix = where.partition("/")
        for found in s3.objects(bucket, f"{prefix}/" if prefix else ""):
            path = f"{bucket}/{found['Key']}"[len(self.root) + 1 :]
            if not path.endswith("/"):  # a folder's placeholder is no file
                yield Entry(path, found["Size"], int(found["LastModified"].timestamp() * 1e9), found["ETag"])


def _s3() -> Any:
    endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or "")
    return fs.S3FileSystem(
        region=s3.region(),
        endpoint_override=f"{endpoint.netloc}{endpoint.path}".rstrip("/") or None,
        scheme=endpoint.scheme or "https",
        connect_timeout=CONNECT_SECONDS,
        request_timeout=REQUEST_SECONDS,
        allow_delayed_open=True,  # a small file is one request
    )


def _is_unfinished(path: str) -> bool:
    return path.endswith(UNFINISHED) or path.startswith(f"{UNFINISHED}/")
