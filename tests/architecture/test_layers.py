"""Each layer contract can break, and the core looks up to the plug-ins in exactly one place."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOUND = {
    "core/__init__.py": "",
    "core/roles.py": "",
    "core/work.py": "from core import roles",
    "core/web/__init__.py": "import flask",
    "core/extension/__init__.py": "",
    "core/extension/loader.py": "import plugins",
    "plugins/__init__.py": "",
    "plugins/tea/__init__.py": "from core import roles",
    "plugins/tea/documents.py": "from plugins.tea import settings",
    "plugins/tea/settings.py": "",
    "plugins/tea/admin.py": "import flask\nfrom plugins.tea import documents",
    "plugins/rice/__init__.py": "",
}


def contracts() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return found


def check(tree: Path, sources: dict[str, str]) -> str:
    """Write a small product that keeps to the given sources; answer what the linter says of it."""
    for name, text in sources.items():
        target = tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text + "\n", encoding="utf-8")
    shutil.copy(ROOT / "pyproject.toml", tree)
    linter = Path(sys.executable).with_name("lint-imports")
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run(
        [linter, "--no-cache"], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout


def test_a_product_in_good_order_keeps_every_contract(tmp_path: Path) -> None:
    assert f"{len(contracts())} kept, 0 broken" in check(tmp_path, SOUND)


@pytest.mark.parametrize(
    ("module", "text", "contract"),
    [
        ("core/roles.py", "from core import work", "The core is layered"),
        ("core/work.py", "import plugins", "The core knows no plug-in"),
        ("plugins/rice/__init__.py", "from plugins.tea import settings", "Plug-ins do not know each other"),
        ("plugins/tea/documents.py", "import flask", "Only the web"),
        ("plugins/tea/__init__.py", "from plugins.tea import settings", "A plug-in's manifest"),
        ("plugins/tea/settings.py", "from plugins.tea import documents", "Inside a plug-in"),
    ],
)
def test_a_glance_in_the_wrong_direction_is_refused(tmp_path: Path, module: str, text: str, contract: str) -> None:
    verdicts = check(tmp_path, SOUND | {module: text}).splitlines()
    assert [line for line in verdicts if line.startswith(contract) and "BROKEN" in line]


def test_only_the_loader_looks_up_to_the_plugins() -> None:
    exceptions = [
        glance
        for contract in contracts()
        if contract.get("forbidden_modules") == ["plugins"]
        for glance in contract["ignore_imports"]
    ]
    assert exceptions == ["core.extension.loader -> plugins"]
