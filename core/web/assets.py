"""The pages' own copies of what a browser loads, so that no page ever asks a foreign server.

`python -m core.web.assets` copies what is needed out of `node_modules` and draws one sheet with the icons
named in `icons.txt`.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).parent
MODULES = HERE.parent.parent / "node_modules"
VENDOR = HERE / "static" / "vendor"
SVG = "http://www.w3.org/2000/svg"

FILES = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler-vendors.min.css": "@tabler/core/dist/css/tabler-vendors.min.css",
    "tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "tom-select.min.css": "tom-select/dist/css/tom-select.bootstrap5.min.css",
    "tom-select.min.js": "tom-select/dist/js/tom-select.complete.min.js",
}
PACKAGES = ("@tabler/core", "@tabler/icons", "htmx.org", "tom-select")


class AssetMissing(Exception):
    """A file or an icon we name is not in the packages that npm brought."""


def copy_files(modules: Path, vendor: Path) -> None:
    """Copy scripts and styles, without the notes that would send a browser looking for source maps."""
    for name, origin in FILES.items():
        source = modules / origin
        if not source.is_file():
            raise AssetMissing(f"{source} is missing; run: npm ci")
        text = source.read_text(encoding="utf-8")
        text = re.sub(r"/\*# sourceMappingURL=\S+ \*/|//# sourceMappingURL=\S+", "", text)
        (vendor / name).write_text(text.rstrip() + "\n", encoding="utf-8")


def icon_names(listing: Path) -> list[str]:
    """The names in the list, once each, without its comments."""
    lines = (line.partition("#")[0].strip() for line in listing.read_text(encoding="utf-8").splitlines())
    return sorted({line for line in lines if line})


def draw_sprite(names: list[str], modules: Path) -> str:
    """One SVG sheet: a page shows an icon by `<use href="…/icons.svg#name">`, coloured by its text."""
    ElementTree.register_namespace("", SVG)
    sheet = ElementTree.Element(f"{{{SVG}}}svg")
    for name in names:
        origin = modules / "@tabler/icons/icons/outline" / f"{name}.svg"
        if not origin.is_file():
            raise AssetMissing(f"Tabler has no outline icon {name!r}; correct core/web/icons.txt")
        drawing = ElementTree.parse(origin).getroot()  # noqa: S314 - a pinned file, checked by its hash
        kept = {k: v for k, v in drawing.attrib.items() if k not in {"class", "width", "height"}}
        symbol = ElementTree.SubElement(sheet, f"{{{SVG}}}symbol", {"id": name, **kept})
        symbol.extend(shape for shape in drawing if shape.get("d") != "M0 0h24v24H0z")
    return ElementTree.tostring(sheet, encoding="unicode") + "\n"


def keep_licences(modules: Path, vendor: Path) -> None:
    """Carry each package's version and licence text, as their authors ask."""
    versions = {}
    (vendor / "licences").mkdir()
    for package in PACKAGES:
        about = json.loads((modules / package / "package.json").read_text(encoding="utf-8"))
        versions[package] = {"version": about["version"], "licence": about["license"]}
        for text in sorted((modules / package).glob("LICENSE*")):
            target = vendor / "licences" / f"{package.replace('/', '-').lstrip('@')}.txt"
            shutil.copyfile(text, target)
    (vendor / "versions.json").write_text(json.dumps(versions, indent=2) + "\n", encoding="utf-8")


def build(modules: Path = MODULES, vendor: Path = VENDOR, listing: Path = HERE / "icons.txt") -> None:
    """Make the folder anew; the old one stays until the new one is whole.

    Raises AssetMissing when npm has not brought a file, or Tabler does not know an icon of the list.
    """
    fresh = vendor.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    copy_files(modules, fresh)
    (fresh / "icons.svg").write_text(draw_sprite(icon_names(listing), modules), encoding="utf-8")
    keep_licences(modules, fresh)
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)


def main() -> int:
    """Build, and say on one line what is wrong if something is."""
    try:
        build()
    except AssetMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
