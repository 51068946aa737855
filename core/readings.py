"""How Chinese names are read: pinyin for search in every reading, and one reading to sort by."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice, product
from typing import NamedTuple

from core.lazy import character_readings

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"

_MOST_VARIANTS = 32
LONGEST = 100
_PIECE = re.compile(f"[{HAN}]|[a-z0-9]+")
# What is written in half width without accents but for its capitals, and what stands around names in full width.
_BARE = re.compile("[\x00-\x7f\u4e00-\u9fff]*")
_BRACKETS = {ord("（"): "(", ord("）"): ")"}
_PERSON = re.compile(f"[{HAN}]{{2,4}}")
_OTHER_LETTER = re.compile(f"(?![a-z0-9_{HAN}])\\w")
_TONE_MARKS = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}


def _table(entries: str) -> dict[str, str]:
    return dict(entry.split(":") for entry in entries.split())


# Where the dictionary lists a rarer reading first.
_USUAL = _table(
    ": 长:chang2 厦:xia4 薄:bo2 还:huan2 佛:fo2 似:si4 给:ji3 都:du1 攒:cuan2 嚼:jue2 卜:bu3 泊:bo2 "
    "什:shi2 勒:le4 扒:pa2 伺:si4 裳:chang2 琢:zhuo2 刹:sha1 鹄:hu2 仔:zai3 呢:ni2 的:de5 了:liao3 "
    "藏:zang4 数:shu4 参:shen1 "
)
_SURNAMES = _table(
    ": 单:shan4 曾:zeng1 仇:qiu2 区:ou1 解:xie4 查:zha1 盖:ge3 朴:piao2 翟:zhai2 缪:miao4 折:she2 "
    "繁:po2 黑:he4 覃:qin2 任:ren2 卜:bu3 干:gan1 乐:yue4 宓:mi4 隗:wei3 阚:kan4 薄:bo2 尉:wei4 "
    "员:yun4 种:chong2 召:shao4 牟:mou2 洗:xian3 么:yao1 那:na1 能:nai4 晁:chao2 盛:sheng4 贾:jia3 "
    "都:du1 瞿:qu2 郗:xi1 宿:su4 逄:pang2 葛:ge3 华:hua4 宁:ning4 过:guo1 应:ying1 要:yao1 哈:ha3 "
    "谌:chen2 令:ling2 祭:zhai4 秘:bi4 句:gou1 费:fei4 燕:yan1 仝:tong2 相:xiang4 訾:zi1 佴:nai4 "
    "呙:guo1 撒:sa4 占:zhan1 纪:ji3 车:che1 石:shi2 沈:shen3 冯:feng2 "
)
# Words whose reading is certain; "-" keeps the usual reading of that character.
_WORDS = _table(
    ": 重庆:chong2,- 厦门:xia4,- 大厦:-,sha4 六安:lu4,- 六合:lu4,- 乐清:yue4,- 乐亭:lao4,- "
    "蚌埠:beng4,- 番禺:pan1,- 铅山:yan2,- 蔚县:yu4,- 荥阳:xing2,- 荥经:ying2,- 尉迟:yu4,- 尉犁:yu4,- "
    "尉氏:wei4,- 万俟:mo4,qi2 单县:shan4,- 涡阳:guo1,- 浚县:xun4,- 洪洞:-,tong2 解州:xie4,- "
    "会稽:kuai4,- 会计:kuai4,- 长治:chang2,- 长子县:zhang3,-,- 都匀:du1,- 长客:chang2,- 长孙:zhang3,- "
    "成长:-,zhang3 生长:-,zhang3 增长:-,zhang3 校长:-,zhang3 单于:chan2,- 澹台:tan2,- 东阿:-,e1 "
    "阿胶:e1,- 台州:tai1,- 歙县:she4,- 黟县:yi1,- 枞阳:zong1,- 盱眙:xu1,yi2 浒墅关:xu3,-,- 秘鲁:bi4,- "
    "句容:ju4,- 大埔:-,bu4 黄埔:-,pu3 泌阳:bi4,- 莘县:shen1,- 莘庄:xin1,- 牟平:mu4,- 中牟:-,mu4 "
    "井陉:-,xing2 蠡县:li3,- 临朐:-,qu2 茌平:chi2,- 冠县:guan4,- 鄱阳:po2,- 丽水:li2,- 西藏:-,zang4 "
    "珲春:hun2,- 银行:-,hang2 商行:-,hang2 洋行:-,hang2 车行:-,hang2 行业:hang2,- 音乐:-,yue4 "
    "乐器:yue4,- 重组:chong2,- 调味:tiao2,- 空调:-,tiao2 调节:tiao2,- 弹簧:tan2,- 种植:zhong4,- "
    "番茄:fan1,- 参考:can1,- 仓储:-,chu3 黑龙江:hei1,-,- 石家庄:shi2,-,- 都江堰:du1,-,- 成都:-,du1 "
    "首都:-,du1 长安:chang2,- 亳州:bo2,- 佛山:fo2,- 深圳:-,zhen4 有限:you3,xian4 公司:gong1,si1 "
    "股份:gu3,fen4 责任:ze2,ren4 集团:ji2,tuan2 科技:ke1,ji4 汽车:qi4,che1 电子:dian4,zi3 "
    "上海:shang4,hai3 广州:guang3,- 江苏:jiang1,su1 浙江:zhe4,jiang1 贸易:mao4,yi4 商贸:shang1,mao4 "
    "工业:gong1,ye4 实业:shi2,ye4 技术:ji4,shu4 设备:she4,bei4 机械:ji1,xie4 食品:shi2,pin3 "
    "医药:yi1,yao4 信息:xin4,xi1 服务:fu2,wu4 材料:cai2,liao4 石油:shi2,you2 石化:shi2,hua4 "
    "药业:yao4,ye4 中国:zhong1,guo2 "
)


def _by_beginning() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for word in sorted(filter(None, _WORDS), key=len, reverse=True):
        found[word[0]].append(word)
    return dict(found)


# The certain words by their first character, the longest first.
_BEGUN = _by_beginning()


@dataclass(frozen=True, slots=True)
class Readings:
    """How a name may be read: full pinyin and initials without tones, the likeliest first; and how it sorts.

    ``sort_key`` orders digits, then Latin, then Chinese by syllable, tone and code point, character by
    character; it is meant for bytewise comparison (SQLite BINARY, PostgreSQL COLLATE "C").
    """

    full: tuple[str, ...]
    initials: tuple[str, ...]
    sort_key: str


class Piece(NamedTuple):
    """A Chinese character with its readings (tone last, likeliest first), or a Latin word without any."""

    written: str
    readings: tuple[str, ...]

    @property
    def syllables(self) -> tuple[str, ...]:
        """The readings without tone, ü as v and as u; a Latin word is its own reading.

        Empty text for the few characters no dictionary can read.
        """
        if not self.readings:
            return (self.written if self.written.isascii() else "",)
        return _toneless(self.readings)

    @property
    def initials(self) -> tuple[str, ...]:
        """The first letters of the readings; a Latin word stays whole."""
        if not self.readings:
            return self.syllables
        return tuple(dict.fromkeys(syllable[0] for syllable in self.syllables))


@lru_cache(maxsize=8192)
def _toneless(readings: tuple[str, ...]) -> tuple[str, ...]:
    bare = [reading[:-1] for reading in readings]
    return tuple(dict.fromkeys(form for each in bare for form in (each, each.replace("v", "u"))))


def latin(text: str) -> str:
    """Half width, lower case, without accents; kana, Hangul and other alphabets by their letters' names.

    Chinese characters and punctuation stay: ``Ｍüller（東京）トヨタ`` becomes ``muller(東京)toyota``.
    """
    text = text.translate(_BRACKETS)
    if _BARE.fullmatch(text):
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(each for each in decomposed if not unicodedata.combining(each))
    return _OTHER_LETTER.sub(_letter_name, unicodedata.normalize("NFC", bare))


def _letter_name(match: re.Match[str]) -> str:
    named = re.search(r"(?:LETTER|SYLLABLE) (?:SMALL )?([A-Z]+)\b", unicodedata.name(match.group(), ""))
    return named[1].lower() if named else ""


def pieces(text: str) -> list[Piece]:
    """The first 100 characters of ``text`` as Chinese characters and Latin words; the rest is punctuation."""
    written = latin(text[:LONGEST])
    certain = _certain(written)
    if not certain:
        return [usual_piece(one) for one in _PIECE.findall(written)]
    found, at = [], 0
    for one in _PIECE.findall(written):
        at = written.find(one, at)
        found.append(Piece(one, certain[at]) if at in certain else usual_piece(one))
        at += len(one)
    return found


@lru_cache(maxsize=8192)
def usual_piece(written: str) -> Piece:
    """A piece by itself, whatever stands around it."""
    return Piece(written, () if written.isascii() else _character_readings(written))


def _certain(written: str) -> dict[int, tuple[str, ...]]:
    """Readings by position for the words known as such, and for the surname of what looks like a person."""
    known: dict[int, tuple[str, ...]] = {}
    for start, character in enumerate(written):
        if character in _BEGUN and start not in known:
            for word in _BEGUN[character]:
                if written.startswith(word, start):
                    known.update(enumerate(_word_readings(word), start))
                    break
    if 0 not in known and _PERSON.fullmatch(written) and written[0] in _SURNAMES:
        surname = _SURNAMES[written[0]]
        known[0] = tuple(dict.fromkeys((surname, *_character_readings(written[0]))))
    return known


@cache
def _word_readings(word: str) -> tuple[tuple[str, ...], ...]:
    return tuple(
        _character_readings(character)[:1] if reading == "-" else (reading,)
        for character, reading in zip(word, _WORDS[word].split(","), strict=True)
    )


@lru_cache(maxsize=8192)
def _character_readings(character: str) -> tuple[str, ...]:
    """All readings of a character, the usual one first; surnames' readings included."""
    listed = character_readings().pinyin_dict.get(ord(character), "").split(",")
    preferred = [table[character] for table in (_USUAL, _SURNAMES) if character in table]
    found = [reading for reading in map(_numbered, listed) if reading]
    usual = preferred[:1] if character in _USUAL else []
    return tuple(dict.fromkeys([*usual, *found, *preferred]))


def _numbered(marked: str) -> str:
    """``zhòng`` as zhong4, ``lǚ`` as lv3; nothing for interjections without a vowel."""
    decomposed = unicodedata.normalize("NFD", marked).replace("u\u0308", "v")
    tone = next((_TONE_MARKS[each] for each in decomposed if each in _TONE_MARKS), "5")
    letters = "".join(each for each in decomposed if not unicodedata.combining(each))
    return letters + tone if re.fullmatch("[a-z]*[aeiouv][a-z]*", letters) else ""


def readings(text: str) -> Readings:
    """Every likely reading of a name, at most 32 of each kind, and its sort key."""
    return readings_of(pieces(text))


def readings_of(parts: list[Piece]) -> Readings:
    """As ``readings``, of a name that is in pieces already."""
    return Readings(
        full=variants([part.syllables for part in parts]),
        initials=variants([part.initials for part in parts]),
        sort_key="".join(map(_sort_part, parts)),
    )


def _sort_part(part: Piece) -> str:
    if part.readings:
        return f"2{part.readings[0]}{part.written}"
    if not part.written.isascii():
        return f"3{part.written}"
    return "".join(f"{0 if each.isdigit() else 1}{each}" for each in part.written)


def variants(choices: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The strings these choices make, the likeliest first, at most 32.

    Where there would be more, each further reading appears once, beside the likeliest of all others.
    """
    if not choices:
        return ()
    size = 1
    for options in choices:
        size *= len(options)
    found = map("".join, product(*choices)) if size <= _MOST_VARIANTS else _one_by_one(choices)
    return tuple(islice(filter(None, dict.fromkeys(found)), _MOST_VARIANTS))


def _one_by_one(choices: list[tuple[str, ...]]) -> Iterator[str]:
    usual = [options[0] for options in choices]
    yield "".join(usual)
    for place, options in enumerate(choices):
        for other in options[1:]:
            yield "".join([*usual[:place], other, *usual[place + 1 :]])
