"""Projects in buckets: one request a page, a body together with its ETag, and writes that S3 itself keeps apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowerpower_tui.errors import NothingThereError
from flowerpower_tui.project.storage import PATIENCE_FOR_CONTENT, ProjectStorage

# A bucket that does not answer is told of within 5 seconds: one more attempt, and no long wait for either.
_CONFIG = {"connect_timeout": 2, "read_timeout": 10}
_RETRIES = {"max_attempts": 1}
PAGE = 1_000


def with_limits(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options for s3fs with our limits where they say nothing else."""
    # A copy: botocore writes into it, and what was opened before is found again by its options.
    return {**options, "config_kwargs": {**_CONFIG, "retries": dict(_RETRIES), **options.get("config_kwargs", {})}}


class S3Storage(ProjectStorage):
    """The files of a project in a bucket."""

    def read(self, path: str) -> tuple[bytes, str]:
        """Return a file and its version, by one request."""
        from fsspec.asyn import sync

        answer = self._s3(path, "get_object", **self._place(path))
        try:
            body = answer["Body"].read
            return self._call(path, sync, self.fs.loop, body, patience=PATIENCE_FOR_CONTENT), str(answer["ETag"])
        finally:
            answer["Body"].close()

    def _level(self, folder: str, most: int) -> tuple[list[Mapping[str, Any]], bool]:
        found: list[Mapping[str, Any]] = []
        for page, is_last in self._pages(folder, "/"):
            found += page
            if len(found) > most or (len(found) == most and not is_last):
                return found[:most], False
        if folder and not found:
            raise NothingThereError(f"There is nothing at {self.url}/{folder}.")
        return found, True

    def _below(self, folder: str, most: int) -> list[Mapping[str, Any]] | None:
        found: list[Mapping[str, Any]] = []
        # After each page, since a bucket may hold millions.
        for page, is_last in self._pages(folder, ""):
            found += page
            if len(found) > most or (len(found) == most and not is_last):
                return None
        return found

    def _pages(self, folder: str, delimiter: str) -> Iterator[tuple[list[Mapping[str, Any]], bool]]:
        bucket, key, _ = self.fs.split_path(self._full(folder))
        prefix = f"{key}/" if key else ""
        asked: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix, "Delimiter": delimiter, "MaxKeys": PAGE}
        while True:
            answer = self._s3(folder, "list_objects_v2", **asked)
            files: list[Mapping[str, Any]] = [
                {"name": f"{bucket}/{item['Key']}", "type": "file", "size": item["Size"], "ETag": item["ETag"]}
                for item in answer.get("Contents", [])
                # A key that is the folder itself is how some programs make one.
                if item["Key"] != prefix
            ]
            folders: list[Mapping[str, Any]] = [
                {"name": f"{bucket}/{item['Prefix'].removesuffix('/')}", "type": "directory"}
                for item in answer.get("CommonPrefixes", [])
            ]
            is_last = not answer.get("IsTruncated")
            yield files + folders, is_last
            if is_last:
                return
            asked["ContinuationToken"] = answer["NextContinuationToken"]

    def _put(self, path: str, content: bytes, expected: str | None) -> str:
        condition = {"IfNoneMatch": "*"} if expected is None else {"IfMatch": expected}
        answer = self._s3(
            path, "put_object", **self._place(path), Body=content, **condition, patience=PATIENCE_FOR_CONTENT
        )
        return str(answer["ETag"])

    def _version(self, path: str) -> str:
        return str(self._s3(path, "head_object", **self._place(path))["ETag"])

    def _place(self, path: str) -> dict[str, str]:
        bucket, key, _ = self.fs.split_path(self._full(path))
        return {"Bucket": bucket, "Key": key}

    def _s3(self, path: str, method: str, **arguments: Any) -> Any:
        return self._call(path, self.fs.call_s3, method, **arguments)
