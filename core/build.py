"""The translation catalogues: gathered from the sources, and compiled for the program.

`python -m core.build` compiles every catalogue; `python -m core.build messages` first brings the
catalogues up to date with the texts in the code. Paths after it name other source trees, for plug-ins
kept elsewhere.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

DOMAIN = "zhanggui"
LOCALE = "zh_Hans_CN"
ROOT = Path(__file__).resolve().parent.parent
METHODS = [("**/tests/**", "ignore"), ("**.py", "python"), ("**/templates/**.*", "jinja2")]
KEYWORDS = {"_": None, "ngettext": (1, 2)}
JINJA = {"**/templates/**.*": {"extensions": "jinja2.ext.do,jinja2.ext.loopcontrols", "silent": "false"}}


class CatalogueError(Exception):
    """A catalogue could mislead its readers: it has doubtful or broken entries."""


def packages(root: Path) -> list[Path]:
    """The packages that speak: the core, and every plug-in."""
    plugins = sorted(p.parent for p in (root / "plugins").glob("*/__init__.py"))
    core = root / "core"
    return [core, *plugins] if core.is_dir() else plugins


def catalogues(root: Path) -> list[Path]:
    """Every catalogue below the packages."""
    return [po for package in packages(root) for po in sorted(package.glob(f"translations/*/LC_MESSAGES/{DOMAIN}.po"))]


def complaints(catalogue: Catalog) -> Iterator[str]:
    """What would mislead a reader: doubtful entries, broken formats, values the text does not have."""
    for message, errors in catalogue.check():
        yield from (f"{message.id!r}: {error}" for error in errors)
    for message in catalogue:
        if message.id and message.fuzzy:
            yield f"{message.id!r} is marked fuzzy"
        if isinstance(message.id, str) and isinstance(message.string, str):
            unknown = placeholders(message.string) - placeholders(message.id)
            yield from (f"{message.id!r}: its translation names {{{name}}}" for name in sorted(unknown))


def placeholders(text: str) -> set[str]:
    """The names in braces that `str.format` would fill in."""
    return set(re.findall(r"(?<!{){(\w+)[^{}]*}", text))


def compile_catalogue(po: Path) -> Path:
    """Write the .mo beside its .po; raises CatalogueError, and writes nothing, when an entry is not sound."""
    with po.open("rb") as source:
        catalogue = read_po(source, locale=po.parent.parent.name, domain=DOMAIN, abort_invalid=True)
    found = list(complaints(catalogue))
    if found:
        raise CatalogueError("\n".join(f"{po}: {complaint}" for complaint in found))
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    mo = po.with_suffix(".mo")
    mo.write_bytes(buffer.getvalue())
    return mo


def gather(package: Path, root: Path) -> Catalog:
    """The texts a package says, as a template catalogue without dates or line numbers."""
    template = Catalog(project=DOMAIN, charset="utf-8", fuzzy=False)
    found = extract_from_dir(package, METHODS, JINJA, KEYWORDS, comment_tags=("Translators:",))
    for name, _line, message, comments, context in found:
        place = (package / name).relative_to(root).as_posix()
        template.add(message, None, [(place, 1)], auto_comments=comments, context=context)
    return template


def update(package: Path, root: Path) -> Path:
    """Bring a package's catalogue up to date: new texts empty, dropped texts gone, nothing guessed."""
    po = package / "translations" / LOCALE / "LC_MESSAGES" / f"{DOMAIN}.po"
    template = gather(package, root)
    catalogue = Catalog(locale=LOCALE, domain=DOMAIN, project=DOMAIN, fuzzy=False)
    if po.is_file():
        with po.open("rb") as source:
            catalogue = read_po(source, locale=LOCALE, domain=DOMAIN)
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    po.parent.mkdir(parents=True, exist_ok=True)
    with po.open("wb") as target:
        write_po(target, catalogue, width=110, sort_output=True, omit_header=False, include_lineno=False)
    return po


def main(arguments: list[str]) -> int:
    """Compile, or gather and compile; answers 1 and says why when a catalogue is not fit to ship."""
    gathering = arguments[:1] == ["messages"]
    roots = [Path(a).resolve() for a in arguments[gathering:]] or [ROOT]
    try:
        for root in roots:
            if gathering:
                for package in packages(root):
                    update(package, root)
            for po in catalogues(root):
                compile_catalogue(po)
    except CatalogueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
