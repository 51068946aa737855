"""Catalogues are gathered and compiled so that no reader is misled, and pages get whole assets or none."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest

from core.build import main
from core.web import assets

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree with one plug-in that says two things, one of them in a page."""
    area = tmp_path / "plugins" / "tea"
    (area / "templates").mkdir(parents=True)
    (area / "__init__.py").write_text('label = _("Tea house")\n', encoding="utf-8")
    (area / "templates" / "cup.html").write_text("<p>{{ _('Cups: {count}', count=3) }}</p>", encoding="utf-8")
    return tmp_path


def catalogue(tree: Path) -> Path:
    return tree / "plugins" / "tea" / "translations" / "zh_Hans_CN" / "LC_MESSAGES" / "zhanggui.po"


def translate(tree: Path, message: str, translation: str, flags: str = "") -> None:
    po = catalogue(tree)
    po.parent.mkdir(parents=True, exist_ok=True)
    entry = f'{flags}msgid "{message}"\nmsgstr "{translation}"\n'
    po.write_text(HEADER + entry, encoding="utf-8")


def test_texts_of_code_and_pages_are_gathered(tree: Path) -> None:
    assert main(["messages", str(tree)]) == 0
    text = catalogue(tree).read_text(encoding="utf-8")
    assert 'msgid "Tea house"' in text
    assert 'msgid "Cups: {count}"' in text
    assert "#: plugins/tea/templates/cup.html" in text


def test_gathering_keeps_translations_drops_dead_texts_and_guesses_nothing(tree: Path) -> None:
    translate(tree, "Tea house", "茶馆")
    with catalogue(tree).open("a", encoding="utf-8") as po:
        po.write('\nmsgid "Cups: {number}"\nmsgstr "杯数：{number}"\n')
    assert main(["messages", str(tree)]) == 0
    text = catalogue(tree).read_text(encoding="utf-8")
    assert 'msgid "Tea house"\nmsgstr "茶馆"' in text
    assert 'msgid "Cups: {count}"\nmsgstr ""' in text
    assert "fuzzy" not in text
    assert "number" not in text


def test_gathering_twice_changes_nothing(tree: Path) -> None:
    main(["messages", str(tree)])
    first = catalogue(tree).read_bytes()
    main(["messages", str(tree)])
    assert catalogue(tree).read_bytes() == first


def test_a_compiled_catalogue_speaks_chinese(tree: Path) -> None:
    translate(tree, "Tea house", "茶馆")
    assert main([str(tree)]) == 0
    with catalogue(tree).with_suffix(".mo").open("rb") as mo:
        assert gettext.GNUTranslations(mo).gettext("Tea house") == "茶馆"


@pytest.mark.parametrize(
    ("message", "translation", "flags", "complaint"),
    [
        ("Tea house", "茶叶店", "#, fuzzy\n", "fuzzy"),
        ("Cups: {count}", "杯数：{number}", "", "{number}"),
        ("%(count)s cups", "%(count)d %(size)s", "#, python-format\n", "cups"),
    ],
)
def test_a_misleading_entry_is_refused_and_nothing_is_written(
    tree: Path,
    capsys: pytest.CaptureFixture[str],
    message: str,
    translation: str,
    flags: str,
    complaint: str,
) -> None:
    translate(tree, message, translation, flags)
    assert main([str(tree)]) == 1
    assert complaint in capsys.readouterr().err
    assert not catalogue(tree).with_suffix(".mo").exists()


def test_the_pages_own_files_are_whole_and_ask_no_other_server() -> None:
    for name in assets.FILES:
        text = (assets.VENDOR / name).read_text(encoding="utf-8")
        assert len(text) > 10_000
        assert "sourceMappingURL" not in text
        assert "@import" not in text
        assert "url(http" not in text.replace('"', "").replace("'", "")


def test_every_listed_icon_is_in_the_sheet_and_the_list_is_sorted() -> None:
    names = assets.icon_names(assets.HERE / "icons.txt")
    sheet = (assets.VENDOR / "icons.svg").read_text(encoding="utf-8")
    assert all(f'id="{name}"' in sheet for name in names)
    listed = (assets.HERE / "icons.txt").read_text(encoding="utf-8").splitlines()[1:]
    assert listed == names


def test_an_unknown_icon_is_named_and_the_old_assets_stay(tmp_path: Path) -> None:
    vendor = tmp_path / "vendor"
    vendor.mkdir()
    (vendor / "icons.svg").write_text("before", encoding="utf-8")
    listing = tmp_path / "icons.txt"
    listing.write_text("home\nflying-teapot\n", encoding="utf-8")
    with pytest.raises(assets.AssetMissing, match="flying-teapot"):
        assets.build(vendor=vendor, listing=listing)
    assert (vendor / "icons.svg").read_text(encoding="utf-8") == "before"
