"""How a comparison is put into words, in English and in Chinese."""

from collections.abc import Sequence

from imaging_cloud.domain.exams.descriptor import Laterality, Purpose, Region
from imaging_cloud.domain.retrieval import Retrieval

KIND_UNKNOWN = ("the modality of one of them is not known", "其中一项检查类型不明")
SIDE = {Laterality.LEFT: ("left", "左"), Laterality.RIGHT: ("right", "右")}
SAME_SIDE = {
    Laterality.LEFT: ("same side (left)", "同侧（左）"),
    Laterality.RIGHT: ("same side (right)", "同侧（右）"),
    Laterality.BOTH: ("both sides", "均为双侧"),
    Laterality.UNSAID: ("", ""),
}
PURPOSE_ZH = {
    Purpose.DIAGNOSTIC: "诊断",
    Purpose.SCREENING: "筛查",
    Purpose.GUIDANCE: "介入引导",
    Purpose.PLANNING: "定位计划",
    Purpose.OTHER: "其他",
}
RETRIEVAL = {
    Retrieval.OFFLINE: ("its images are offline", "影像已离线，暂不可调阅"),
    Retrieval.MISSING: ("its images cannot be retrieved", "影像无法调阅"),
    Retrieval.INCOMPLETE: ("some of its images cannot be retrieved", "部分影像无法调阅"),
}
_REGION_EN = {
    Region.CSPINE: "cervical spine",
    Region.TSPINE: "thoracic spine",
    Region.LSPINE: "lumbar spine",
    Region.WHOLEBODY: "whole body",
}
_REGION_ZH = {
    Region.HEAD: "头颅",
    Region.FACE: "颌面",
    Region.ORBIT: "眼眶",
    Region.EAR: "耳部",
    Region.PITUITARY: "垂体",
    Region.NECK: "颈部",
    Region.CSPINE: "颈椎",
    Region.TSPINE: "胸椎",
    Region.LSPINE: "腰椎",
    Region.SACRUM: "骶尾部",
    Region.CHEST: "胸部",
    Region.HEART: "心脏",
    Region.BREAST: "乳腺",
    Region.ABDOMEN: "上腹部",
    Region.PELVIS: "盆腔",
    Region.SHOULDER: "肩部",
    Region.ARM: "上臂及前臂",
    Region.ELBOW: "肘部",
    Region.WRIST: "腕部",
    Region.HAND: "手部",
    Region.HIP: "髋部",
    Region.THIGH: "大腿",
    Region.KNEE: "膝部",
    Region.LEG: "小腿",
    Region.ANKLE: "踝部",
    Region.FOOT: "足部",
    Region.WHOLEBODY: "全身",
}
# Why a match is only a note, as `downgrade_reason` and the order check put it.
_WHY_ZH = {
    "emergency order": "急诊申请",
    "before an operation": "手术前检查",
    "a follow-up": "随访复查",
    "ordered for guidance": "用于介入引导",
    "ordered for planning": "用于定位计划",
    "a reason for repeating was given": "已注明重复检查理由",
}
_DOUBT = "possibly another patient"


def in_english(regions: Sequence[Region]) -> str:
    return ", ".join(_REGION_EN.get(region, region.value.lower()) for region in regions)


def in_chinese(regions: Sequence[Region]) -> str:
    return "、".join(_REGION_ZH[region] for region in regions)


def why_in_chinese(why: str) -> str:
    """Put the reason for a note into Chinese; one nobody has put yet stays as it is."""
    return "可能不是同一患者" if why.startswith(_DOUBT) else _WHY_ZH.get(why, why)
