"""Where the content of files is kept: in the database, or in a store that speaks S3, always under its own hash.

The row of ``stored_file`` stays the only word on what there is. It is written before anything goes to a store outside
and is made good in the transaction that attaches the file, so that whatever a crash leaves there is known.
"""

from __future__ import annotations

import base64
import logging
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from core.lazy import object_store
from core.work import Busy

_log = logging.getLogger("zhanggui.files")
DATABASE, S3 = "database", "s3"
CONNECT, READ, TRIES = 5, 30, 3


class Store(Protocol):
    """A store outside of the database. What ``put`` has taken is durable when it returns; all may be repeated."""

    def put(self, company_id: int, sha256: str, content: bytes) -> None:
        """Keep a content."""

    def get(self, company_id: int, sha256: str) -> bytes | None:
        """A content; None when it is not there."""

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
        found: bytes | None = self._called("get_object", company_id, sha256)
        return found

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
        """The answer of the store, its content read; None for what it does not have. Raises ``Busy`` when it fails."""
        key = f"{self.bucket.prefix}{company_id}/{sha256[:2]}/{sha256}"
        _boto3, _config, errors = object_store()
        try:
            answer = getattr(self.client, name)(Bucket=self.bucket.name, Key=key, **more)
            return answer["Body"].read() if "Body" in answer else answer
        except self.client.exceptions.NoSuchKey:
            return None
        except (errors.BotoCoreError, errors.ClientError) as error:
            _log.warning("the store for files failed: %s", error)
            raise Busy from error
