"""Papers obey no text that stands on them, reach for nothing outside, and draw every name."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from core import lazy
from core.printing.fonts import FAMILIES, folders, missing_characters, typefaces
from core.printing.letters import clean
from core.printing.paper import A4, Paper
from core.printing.render import PaperError, render
from tests.core.papers import (
    CHINESE,
    COLUMNS,
    HOUSE,
    drawings_in,
    named,
    pages_of,
    text_of,
)

TITLE_ONLY = """
#import "parts.typ": *
#let paper = json(bytes(sys.inputs.paper))
#set text(font: paper.fonts, fallback: false)
#paper.title
"""


# Hostile and careless texts


@pytest.mark.parametrize(
    "text",
    ['#panic("x")', '#import "@preview/x:1.0.0"', "@preview/x", "$x^2$", r"\ \u{41} \n", "*b* _i_ `c`",
     "<row>", "= title", '"quoted"', "// gone", "/* gone */", "{page} {pages}", "[#let x = 1]"],
)  # fmt: skip
def test_what_looks_like_a_command_is_printed_as_it_is(text: str) -> None:
    printed = text_of(replace(CHINESE, remarks=("备注", text), title=text, number=text))
    assert printed.count(text) >= 2


def test_control_and_direction_characters_are_left_out() -> None:
    dirty = "甲\x00乙\x1b\x07丙\u202e丁\u200b戊\ufeff己\ud800庚\r\n辛\u2028壬\t癸\u00a0子"
    assert clean(dirty) == "甲乙丙丁戊己庚\n辛\n壬 癸 子"
    assert "甲乙丙丁戊己庚" in text_of(replace(CHINESE, remarks=("备注", dirty)))


def test_letters_and_their_accents_are_joined() -> None:
    assert clean("Cafe\u0301") == "Café"


def test_a_very_long_word_stays_in_its_column_and_is_copied_out_whole() -> None:
    word = "W" * 300
    printed = text_of(named(word))
    assert printed.replace("\n", "").count("W") == 300
    assert "\u200b" not in printed
    assert max(len(run) for run in re.findall("W+", printed)) < 40


def test_a_line_longer_than_a_page_is_printed_to_its_end() -> None:
    assert text_of(named("长" * 9000)).count("长") == 9000


@pytest.mark.parametrize("rows", [(), (("",) * len(COLUMNS),)])
def test_a_table_without_text_is_still_a_paper(rows: tuple[tuple[str, ...], ...]) -> None:
    assert "合计人民币" in text_of(replace(CHINESE, rows=rows))
    assert "报价说明" in text_of(replace(CHINESE, rows=rows, sum_row=(), words=(), page_subtotal=""))


def test_a_bare_paper_needs_no_more_than_its_name() -> None:
    bare = Paper(
        "en",
        "Notice",
        "",
        CHINESE.made_at,
        replace(HOUSE, contacts=(), bank=(), subname=""),
        "{page}/{pages}",
    )
    assert "Notice" in text_of(bare)
    assert bare.format is A4


# Logos and layouts from outside


def test_a_logo_must_be_a_picture() -> None:
    for logo in (b"<svg/>", b"\x89PNG\r\n\x1a\n" + b"0" * 1_000_000):
        with pytest.raises(PaperError) as refusal:
            render(replace(CHINESE, company=replace(HOUSE, logo=logo)))
        assert refusal.value.code == "print.logo"


def test_a_broken_logo_is_a_clear_refusal() -> None:
    broken = replace(CHINESE, company=replace(HOUSE, logo=b"\x89PNG\r\n\x1a\n" + b"garbage"))
    with pytest.raises(PaperError, match="The paper BJ-20261122-0001 cannot be printed") as refusal:
        render(broken)
    assert refusal.value.code == "print.failed"


def test_a_company_may_have_its_own_layout() -> None:
    assert pages_of(render(CHINESE, template=TITLE_ONLY)) == ["报价单"]


@pytest.mark.parametrize(
    "layout",
    [
        '#import "@preview/x:1.0.0": y',
        '#import "@local/x:1.0.0"',
        '#let p = "@pre" + "view/x:1.0.0"\n#import p: y',
        '#eval("import \\"@preview/x:1.0.0\\"")',
        '#dictionary(std).at("ev" + "al")("1")',
        '#include "../render.py"',
        '#import"/etc/passwd"',
        '#plugin("x.wasm")',
    ],
)
def test_a_layout_that_reaches_outside_is_refused(layout: str) -> None:
    with pytest.raises(PaperError) as refusal:
        render(CHINESE, template=layout)
    assert refusal.value.code == "print.template"


@pytest.mark.parametrize("layout", ['#read("/../render.py")', '#read("../render.py")', '#image("/../../logo.png")'])
def test_a_layout_cannot_read_files_outside_its_folder(layout: str) -> None:
    with pytest.raises(PaperError) as refusal:
        render(CHINESE, template=layout)
    assert "escape the project root" in str(refusal.value.__cause__)


@contextmanager
def listening_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """A proxy that all network calls of this process would use; yields what it was asked."""
    asked: list[bytes] = []

    def listen() -> None:
        with suppress(OSError):
            while True:
                with server.accept()[0] as call:
                    asked.append(call.recv(200))

    with socket.create_server(("127.0.0.1", 0)) as server:
        for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{server.getsockname()[1]}")
        listener = Thread(target=listen, daemon=True)
        listener.start()
        yield asked
        server.shutdown(socket.SHUT_RDWR)
        listener.join(5)


def test_printing_never_asks_the_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    typst = lazy.typesetter()
    package = '#import "@preview/nothing:0.0.1": x'
    with listening_proxy(monkeypatch) as asked:
        with pytest.raises(typst.TypstError, match="download"):
            typst.compile(package.encode(), package_cache_path=tmp_path, package_path=tmp_path)
        assert len(asked) == 1, "the typesetter itself would ask, so that the silence below means something"
        render(CHINESE)
        render(replace(CHINESE, remarks=("备注", package)))
        with pytest.raises(PaperError):
            render(CHINESE, template=package)
        assert len(asked) == 1


# Rare characters


def test_rare_characters_of_names_are_drawn_and_not_boxes() -> None:
    names = "单翟㐱𠮷"
    pdf = render(named(names))
    assert names in pages_of(pdf)[0]
    assert not [drawing for drawing in drawings_in(pdf) if drawing.glyph == 0]

    alone = [drawings_in(render(replace(CHINESE, title=name), template=TITLE_ONLY)) for name in names]
    outlines = {drawing.outline for drawn in alone for drawing in drawn}
    assert [len(drawn) for drawn in alone] == [1, 1, 1, 1]
    assert len(outlines) == 4
    assert min(len(outline) for outline in outlines) > 20, "a box has far fewer points than any of these"


def test_no_font_of_the_machine_takes_part() -> None:
    loaded = typefaces().fonts()
    assert {font.family for font in loaded} == set(FAMILIES)
    assert {Path(font.path or "").parent for font in loaded} == set(folders())


def test_only_the_listed_families_are_used() -> None:
    assert {drawing.family for drawing in drawings_in(render(named("单翟㐱")))} == {"NotoSansSC-Thin"}
    with_fallback = {drawing.family for drawing in drawings_in(render(named("单翟㐱𠮷")))}
    assert with_fallback == {"NotoSansSC-Thin", "NotoSansJP-Thin"}


def test_a_character_without_type_is_reported_and_set_as_a_geta() -> None:
    assert missing_characters("单翟㐱𠮷 ABC 123 ¥，。①㎡—…\n\t\u3000") == set()
    assert missing_characters("好😀\U0002a6a5\ue000") == {"😀", "\U0002a6a5", "\ue000"}
    assert "好〓〓〓" in text_of(named("好😀\U0002a6a5\ue000"))


@pytest.mark.parametrize("start", range(0, 0x30000, 0x8000))
def test_any_character_at_all_can_be_printed(start: int) -> None:
    everything = " ".join(chr(code) for code in range(start, start + 0x8000, 13))
    assert render(replace(CHINESE, remarks=("备注", everything))).startswith(b"%PDF-1.7")
