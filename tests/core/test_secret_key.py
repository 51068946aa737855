"""The key that is made at the first start: whole or not there, and the same for everybody."""

from __future__ import annotations

import random
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from time import sleep

import pytest

from core.config import BadConfig, kept_key, read, weak_key


def test_first_starts_at_the_same_moment_read_one_whole_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it takes to make the key, nobody finds the file without it, and the first stays."""
    made = secrets.token_urlsafe
    started = Barrier(4)

    def slow(length: int) -> str:
        sleep(random.uniform(0, 0.05))
        return made(length)

    def start(_place: int) -> str:
        started.wait()
        return kept_key(tmp_path / "data")

    monkeypatch.setattr("core.config.secrets.token_urlsafe", slow)
    with ThreadPoolExecutor(4) as pool:
        keys = list(pool.map(start, range(4)))
    assert len(set(keys)) == 1
    assert weak_key(keys[0]) is None
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret.key"]


def test_a_key_file_that_was_emptied_is_refused_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL"):
        monkeypatch.delenv(f"ZHANGGUI_{name}", raising=False)
    monkeypatch.setenv("ZHANGGUI_DATA_DIR", str(tmp_path))
    (tmp_path / "secret.key").write_text("")
    with pytest.raises(BadConfig, match=r"secret\.key"):
        read()
