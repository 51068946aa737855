"""The repository installs the same everywhere: pinned, checked by hash, bound to no address."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["requirements.lock", "requirements-test.lock", ".ci/bootstrap.lock", ".ci/node.lock"]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_pins_every_package_by_hash_and_names_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    pins = re.findall(r"^([\w.\[\],-]+)==\S+.*\\\n {4}--hash=sha256:", text, flags=re.MULTILINE)
    entries = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert pins
    assert len(pins) == len(entries)
    assert "://" not in text
    assert " /" not in text


def test_tests_run_on_the_very_releases_that_users_get() -> None:
    def pinned(name: str) -> set[str]:
        return set(re.findall(r"^\S+==\S+", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE))

    assert pinned("requirements.lock") <= pinned("requirements-test.lock")


def test_front_end_packages_are_checked_by_hash_and_bound_to_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: about for name, about in lock["packages"].items() if name}
    assert packages
    assert all(about["integrity"].startswith("sha512-") for about in packages.values())
    assert not any("resolved" in about for about in packages.values())
