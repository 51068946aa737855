"""Everything that people read is there in Chinese, with the same places to fill."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from core import build
from core.testing.evidence import missing_texts

PACKAGES = build.packages(build.ROOT)


def catalogue(package: Path) -> Path:
    return package / "translations" / build.LOCALE / "LC_MESSAGES" / f"{build.DOMAIN}.po"


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.name)
def test_every_text_of_a_package_is_translated(package: Path) -> None:
    """No sentence is left in English for a Chinese reader."""
    assert missing_texts(package, catalogue(package)) == []


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.name)
def test_no_translation_is_doubtful_or_left_over(package: Path) -> None:
    template = build.gather(package, build.ROOT)
    if not len(template):
        return
    with catalogue(package).open("rb") as source:
        kept = read_po(source, locale=build.LOCALE, domain=build.DOMAIN)
    assert [m.id for m in kept if m.id and m.fuzzy] == []
    assert [m.id for m in kept if m.id and template.get(m.id, m.context) is None] == []


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.name)
def test_two_packages_never_translate_one_text_differently(package: Path) -> None:
    """The program merges all catalogues into one, so the last would win without a word."""

    def said(one: Path) -> dict[str, str]:
        if not catalogue(one).is_file():
            return {}
        with catalogue(one).open("rb") as source:
            return {str(m.id): str(m.string) for m in read_po(source, locale=build.LOCALE) if m.id and m.string}

    mine = said(package)
    differing = {
        text: {package.name: mine[text], other.name: theirs[text]}
        for other in PACKAGES
        for theirs in [said(other)]
        for text in mine.keys() & theirs.keys()
        if mine[text] != theirs[text]
    }
    assert differing == {}


def test_a_missing_a_doubtful_and_a_wrong_translation_would_be_noticed(tmp_path: Path) -> None:
    package = tmp_path / "tea"
    package.mkdir()
    (package / "words.py").write_text('_("Green {kind}")\n_("Black")\n_("White")\n_("Red")\n', encoding="utf-8")
    po = tmp_path / "zhanggui.po"
    po.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgid "Green {kind}"\nmsgstr "绿 {what}"\n\n'
        'msgid "Black"\nmsgstr ""\n\n'
        '#, fuzzy\nmsgid "White"\nmsgstr "白"\n\nmsgid "Red"\nmsgstr "红"\n',
        encoding="utf-8",
    )
    assert missing_texts(package, po) == [
        "'Green {kind}' has other places to fill than its translation",
        "'Black' is not translated",
        "'White' is not translated",
    ]
