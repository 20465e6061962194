"""Exams that are ordered often, in Chinese and English, for completion in an order form.

Source: the regions of the labelling guide and the words of the tables beside this one, put together
method by method as Chinese public price catalogues name their items. A test holds that both names
of an item are understood alike. Version 2026.11.
"""

from typing import Final

# Chinese place = English place, the frequent ones first; a method beside it makes the item.
_CT_PLACES = """
胸部=chest, 头颅=head, 上腹部=upper abdomen, 腹部=abdomen, 鼻窦=sinuses, 眼眶=orbit,
颞骨=temporal bone, 垂体=pituitary, 颈部=neck, 盆腔=pelvis, 腹部+盆腔=abdomen and pelvis,
肝脏=liver, 胰腺=pancreas, 肾脏=kidney, 肾上腺=adrenal, 泌尿系=urinary tract,
胸部+腹部=chest and abdomen,
颈椎=cervical spine, 胸椎=thoracic spine, 腰椎=lumbar spine, 骨盆=bony pelvis,
肩关节=shoulder, 肘关节=elbow, 腕关节=wrist, 髋关节=hip, 膝关节=knee, 踝关节=ankle, 足=foot
"""
_MR_PLACES = """
头颅=head, 垂体=pituitary, 眼眶=orbit, 内耳=inner ear, 鼻咽=nasopharynx, 颈部=neck, 胸部=chest,
心脏=heart, 乳腺=breast, 上腹部=upper abdomen, 腹部=abdomen, 肝脏=liver, 胰腺=pancreas,
肾脏=kidney, 盆腔=pelvis, 前列腺=prostate, 子宫=uterus, 直肠=rectum, 颈椎=cervical spine,
胸椎=thoracic spine, 腰椎=lumbar spine, 骶髂关节=sacroiliac joint, 肩关节=shoulder,
肘关节=elbow, 腕关节=wrist, 髋关节=hip, 膝关节=knee, 踝关节=ankle
"""
_XR_PLACES = """
胸部=chest, 腹部=abdomen, 骨盆=bony pelvis, 鼻窦=sinuses, 颈椎=cervical spine,
胸椎=thoracic spine, 腰椎=lumbar spine, 骶尾椎=sacrum and coccyx, 肩关节=shoulder,
锁骨=clavicle, 肱骨=humerus, 肘关节=elbow, 前臂=forearm, 腕关节=wrist, 手=hand, 髋关节=hip,
股骨=femur, 膝关节=knee, 小腿=lower leg, 踝关节=ankle, 足=foot, 跟骨=calcaneus
"""
_US_PLACES = """
腹部=abdomen, 肝脏=liver, 泌尿系=urinary tract, 肾脏=kidney, 前列腺=prostate, 妇科=pelvis,
甲状腺=thyroid, 乳腺=breast, 阴囊=scrotum, 膝关节=knee, 肩关节=shoulder, 髋关节=hip
"""
_ANGIO_PLACES = """
头颅=head, 颈部=neck, 头颈部=head and neck, 冠状动脉=coronary, 肺动脉=pulmonary artery,
胸主动脉=thoracic aorta, 腹主动脉=abdominal aorta, 肾动脉=renal artery
"""
_SINGLE = """
胸部正侧位片(DR)=X-ray chest PA and lateral, 胸部正位片(DR)=X-ray chest PA,
胸部低剂量CT平扫=low dose CT chest without contrast, 头颅MRA=MRA head, 颈部MRA=MRA neck,
磁共振胰胆管成像(MRCP)=MRCP, 乳腺钼靶=mammography, 骨密度测定(DXA)=bone density DXA,
上消化道钡餐=barium meal upper GI, 食管钡餐=barium swallow esophagus, 钡灌肠=barium enema,
静脉肾盂造影=intravenous urography, 子宫输卵管造影=hysterosalpingography,
冠状动脉造影=coronary angiography, 脑血管造影(DSA)=cerebral angiography DSA,
心脏彩超=echocardiography, 产科彩超=obstetric ultrasound, 颈动脉彩超=carotid ultrasound,
下肢动脉CTA=CTA lower limb arteries, 下肢静脉彩超=lower limb veins ultrasound,
全身骨显像=bone scan whole body, 甲状腺显像=thyroid scintigraphy, 心肌灌注显像=myocardial
perfusion scintigraphy, 全身PET-CT=PET-CT whole body, 床旁胸片=portable chest X-ray
"""
_METHODS = (
    (_CT_PLACES, "{}CT平扫", "CT {} without contrast"),
    (_CT_PLACES, "{}CT增强", "CT {} with contrast"),
    (_MR_PLACES, "{}MR平扫", "MR {} without contrast"),
    (_MR_PLACES, "{}MR增强", "MR {} with contrast"),
    (_ANGIO_PLACES, "{}CTA", "CTA {}"),
    (_XR_PLACES, "{}X线摄影(DR)", "X-ray {}"),
    (_US_PLACES, "{}彩超", "ultrasound {}"),
)


def _pairs(text: str) -> list[tuple[str, str]]:
    found = (" ".join(part.split()).partition("=") for part in text.split(","))
    return [(chinese, english) for chinese, _, english in found]


# Pairs: the Chinese name, then the English one.
COMMON_ITEMS: Final[tuple[tuple[str, str], ...]] = (
    *(
        (chinese.format(place), english.format(named))
        for places, chinese, english in _METHODS
        for place, named in _pairs(places)
    ),
    *_pairs(_SINGLE),
)
