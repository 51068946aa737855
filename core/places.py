"""The names of provinces and cities that companies carry in front, as in 深圳市… or 湖南…."""

from __future__ import annotations

import re

_PROVINCES = (
    "北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 "
    "广东 广西 海南 重庆 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 香港 澳门 台湾 "
)
_CITIES = (
    "石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 太原 大同 阳泉 长治 晋城 朔州 晋中 "
    "运城 忻州 临汾 吕梁 呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 锡林郭勒 "
    "阿拉善 沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 葫芦岛 长春 四平 辽源 通化 "
    "白山 松原 白城 延边 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 "
    "大兴安岭 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 杭州 宁波 温州 嘉兴 "
    "湖州 绍兴 金华 衢州 舟山 台州 丽水 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 "
    "六安 亳州 池州 宣城 福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德 南昌 景德镇 萍乡 九江 新余 鹰潭 "
    "赣州 吉安 宜春 抚州 上饶 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 "
    "滨州 菏泽 郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 "
    "驻马店 济源 武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 仙桃 潜江 神农架 "
    "长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西 广州 韶关 深圳 珠海 汕头 "
    "佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 潮州 揭阳 云浮 南宁 柳州 桂林 梧州 "
    "北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左 海口 三亚 三沙 儋州 五指山 琼海 成都 自贡 "
    "攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 阿坝 甘孜 凉山 "
    "贵阳 六盘水 遵义 安顺 毕节 铜仁 黔西南 黔东南 黔南 昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 楚雄 "
    "红河 西双版纳 德宏 怒江 迪庆 拉萨 日喀则 昌都 林芝 那曲 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 "
    "安康 商洛 兰州 嘉峪关 金昌 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 临夏 甘南 西宁 果洛 玉树 银川 "
    "石嘴山 吴忠 固原 中卫 乌鲁木齐 克拉玛依 吐鲁番 哈密 昌吉 博尔塔拉 巴音郭楞 阿克苏 克孜勒苏 喀什 "
    "和田 伊犁 塔城 阿勒泰 石河子 阿拉尔 图木舒克 五家渠 铁门关 可克达拉 胡杨河 "
)
# Everyday words as well, or the beginning of famous brands: cities only where 市, 州 or 地区 follows.
_AMBIGUOUS = "阿里 东方 中山 朝阳 吉林 文昌 万宁 天门 白银 大理 文山 海东 山南 双河 新星 昆玉 北屯 白杨 兴安"
_SUFFIX = "特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|地区|省|市|州|盟"

_PLAIN = "|".join(sorted((_PROVINCES + _CITIES).split(), key=len, reverse=True))
_LEADING = re.compile(f"(?:(?:{_PLAIN})(?:{_SUFFIX})?|(?:{'|'.join(_AMBIGUOUS.split())})(?:地区|市|州))")
_BRACKETED = re.compile(f"\\((?:中国|(?:{_PLAIN})(?:{_SUFFIX})?)\\)")


def without_bracketed_places(name: str) -> str:
    """``name`` without places in half-width brackets, as in 乐高玩具(上海)有限公司."""
    return _BRACKETED.sub("", name)


def without_leading_places(name: str, *, keep: int = 2) -> str:
    """``name`` without the province and city in front; at least ``keep`` characters stay."""
    for _step in ("province", "city"):
        match = _LEADING.match(name)
        if match and len(name) - match.end() >= keep:
            name = name[match.end() :]
    return name
