"""Chinese names are read as their bearers read them, and sort as a dictionary sorts."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.readings import readings

# The dictionary alone gets these wrong: surnames, places and words of business.
RIGHT = """
单晓明 shanxiaoming 曾国藩 zengguofan 仇英 qiuying 区小姐 ouxiaojie 解缙 xiejin
查良镛 zhaliangyong 盖叫天 gejiaotian 朴正熙 piaozhengxi 翟明 zhaiming
缪斌 miaobin 折可适 shekeshi 繁钦 poqin 黑敬祥 hejingxiang 覃辉 qinhui
任正非 renzhengfei 尉迟恭 yuchigong 万俟卨 moqixie 长孙无忌 zhangsunwuji 贾平凹 jiapingao 都本基 dubenji
单县 shanxian 涡阳 guoyang 浚县 xunxian 洪洞 hongtong 解州 xiezhou 会稽 kuaiji 长治 changzhi 都匀 duyun
长客 changke 重庆 chongqing 厦门 xiamen 六安 luan 乐清 yueqing 蚌埠 bengbu 亳州 bozhou 番禺 panyu 铅山 yanshan
蔚县 yuxian 荥阳 xingyang 成都 chengdu 长沙 changsha 黑龙江 heilongjiang 西藏 xizang 佛山 foshan 台州 taizhou
大厦 dasha 银行 yinhang 音乐 yinyue 空调 kongtiao 调味品 tiaoweipin 重工 zhonggong 重组 chongzu 会计 kuaiji
深圳电子 shenzhendianzi 长城汽车 changchengqiche 石油 shiyou
"""
WORDS = RIGHT.split()


@pytest.mark.parametrize(("name", "full"), list(zip(WORDS[::2], WORDS[1::2], strict=True)))
def test_the_likeliest_reading_is_the_one_people_use(name: str, full: str) -> None:
    assert readings(name).full[0] == full


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("单晓明", {"danxiaoming", "shanxiaoming", "chanxiaoming"}),
        ("覃辉", {"qinhui", "tanhui"}),
        ("乐", {"le", "yue"}),
        ("吕布", {"lvbu", "lubu"}),
        ("朴素家", {"piaosujia", "pusujia"}),
        ("长", {"chang", "zhang"}),
    ],
)
def test_every_other_reading_is_kept_for_search(name: str, others: set[str]) -> None:
    assert others <= set(readings(name).full)


def test_initials_take_chinese_by_syllable_and_latin_words_whole() -> None:
    assert readings("深圳电子").initials == ("szdz",)
    assert readings("ABC电子 2号").initials[0] == "abcdz2h"
    assert readings("重庆").initials == ("cq",)


def test_a_name_without_letters_has_no_reading() -> None:
    for name in ("", "（）—！", "嗯"):
        assert readings(name).full == ()
        assert readings(name).initials == ()
    assert readings("").sort_key == ""


def test_other_scripts_are_read_by_their_letters() -> None:
    assert readings("Ｍüller").full == ("muller",)
    assert readings("トヨタ").full == ("toyota",)
    assert readings("삼성").full == ("samseong",)
    assert readings("Ørsted ß").full == ("orstedss",)


def test_a_character_of_a_rare_plane_sorts_behind_the_readable_ones() -> None:
    assert sorted(["\U00020bb7野家", "钟楼", "阿里"], key=lambda name: readings(name).sort_key) == [
        "阿里",
        "钟楼",
        "\U00020bb7野家",
    ]


def test_names_sort_digits_first_then_latin_then_chinese_by_reading() -> None:
    ordered = [
        "360科技",
        "3M中国",
        "ABB",
        "Bosch",
        "阿里巴巴",
        "安徽",
        "长沙",
        "重庆",
        "大连",
        "单晓明",
        "沈阳",
        "重工",
    ]
    shuffled = sorted(ordered, reverse=True)
    assert sorted(shuffled, key=lambda name: readings(name).sort_key.encode()) == ordered


def test_the_same_surname_stays_together_when_sorted() -> None:
    names = ["章三", "张四", "张三", "章四", "张", "掌柜"]
    assert sorted(names, key=lambda name: readings(name).sort_key.encode()) == [
        "张",
        "张三",
        "张四",
        "章三",
        "章四",
        "掌柜",
    ]


@settings(deadline=None)  # a busy machine is no failure
@given(st.text())
def test_any_text_has_a_bounded_number_of_plain_readings(text: str) -> None:
    read = readings(text)
    assert len(read.full) <= 32
    assert len(read.initials) <= 32
    assert len(set(read.full)) == len(read.full)
    for form in (*read.full, *read.initials):
        assert form.isascii()
        assert form.isalnum()
        assert form == form.lower()


def test_a_long_name_of_ambiguous_characters_still_answers_with_each_reading_once() -> None:
    read = readings("和行长乐都单曾" * 200)
    assert len(read.full) == 32
    assert read.full[1] != read.full[0]


def test_the_dictionary_of_phrases_is_never_loaded() -> None:
    program = (
        "import sys; import core.names; assert 'pypinyin' not in sys.modules; core.names.readings('重庆');"
        "import pypinyin; assert 'pypinyin.pinyin_dict' in sys.modules;"
        "assert 'pypinyin.phrases_dict' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
