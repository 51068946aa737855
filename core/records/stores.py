"""Where the content of files is kept: in the database, or in a store that speaks S3, always under its own hash.

The row of ``stored_file`` stays the only word on what there is. It is written before anything goes to a store outside
and is made good in the transaction that attaches the file, so that whatever a crash leaves there is known.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from core.lazy import object_store
from core.work import Busy

_log = logging.getLogger("zhanggui.files")
DATABASE, S3 = "database", "s3"
CONNECT, READ, TRIES = 5, 30, 3
PIECE = 1024 * 1024


class Store(Protocol):
    """A store outside of the database. What ``put`` has taken is durable when it returns; all may be repeated."""

    def put(self, company_id: int, sha256: str, content: bytes) -> None:
        """Keep a content."""

    def get(self, company_id: int, sha256: str) -> bytes | None:
        """A content; None when it is not there."""

    def pieces(self, company_id: int, sha256: str) -> Iterator[bytes] | None:
        """A content bit by bit, so that it is never in memory as a whole; None when it is not there."""

    def drop(self, company_id: int, sha256: str) -> None:
        """Forget a content."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of a store that speaks S3; ``endpoint`` is empty for Amazon's own. Keys are boto3's to find."""

    name: str
    prefix: str = ""
    endpoint: str = ""

    @classmethod
    def at(cls, url: str, endpoint: str = "") -> Bucket:
        """``s3://bucket/prefix``; raises ``ValueError`` for anything else."""
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
            raise ValueError(url)
        prefix = parts.path.strip("/")
        return cls(parts.netloc, f"{prefix}/" if prefix else "", endpoint)


@dataclass(slots=True)
class ObjectStore:
    """Contents in a bucket, company by company; the hash is checked by the store when it takes one."""

    bucket: Bucket
    _client: Any = field(default=None, repr=False)

    def put(self, company_id: int, sha256: str, content: bytes) -> None:
        proof = base64.b64encode(bytes.fromhex(sha256)).decode()
        self._called("put_object", company_id, sha256, Body=content, ChecksumSHA256=proof)

    def get(self, company_id: int, sha256: str) -> bytes | None:
        found = self.pieces(company_id, sha256)
        return None if found is None else b"".join(found)

    def pieces(self, company_id: int, sha256: str) -> Iterator[bytes] | None:
        answer = self._called("get_object", company_id, sha256)
        return None if answer is None else self._read(answer["Body"])

    def _read(self, body: Any) -> Iterator[bytes]:
        with self._reached():
            yield from body.iter_chunks(PIECE)

    def drop(self, company_id: int, sha256: str) -> None:
        self._called("delete_object", company_id, sha256)

    @property
    def client(self) -> Any:
        """The connection, made when it is first needed; safe to share between threads."""
        if self._client is None:
            boto3, config, _errors = object_store()
            settings = config.Config(
                connect_timeout=CONNECT, read_timeout=READ, retries={"total_max_attempts": TRIES, "mode": "standard"}
            )
            self._client = boto3.client("s3", endpoint_url=self.bucket.endpoint or None, config=settings)
        return self._client

    def _called(self, name: str, company_id: int, sha256: str, **more: Any) -> Any:
        """The answer of the store; None for what it does not have. Raises ``Busy`` when it fails."""
        key = f"{self.bucket.prefix}{company_id}/{sha256[:2]}/{sha256}"
        with self._reached():
            try:
                return getattr(self.client, name)(Bucket=self.bucket.name, Key=key, **more)
            except self.client.exceptions.NoSuchKey:
                return None

    @contextmanager
    def _reached(self) -> Iterator[None]:
        _boto3, _config, errors = object_store()
        try:
            yield
        except (errors.BotoCoreError, errors.ClientError) as error:
            _log.warning("the store for files failed: %s", error)
            raise Busy from error
