"""Words that contain or resemble others and must not be read as them.

Source: the traps of published mappers (PixelMed) and exam lists. Version 2026.11.
"""

from imaging_cloud.domain.exams.entry import HINT, Entry

TERMS = (
    Entry(
        """head first, feet first, head in, feet in, hfs, ffs, head first supine,
        feet first supine, research, axials, contents, handling, r o, rule out, dr ^, f u,
        follow up, breath hold, chest coil, head coil, knee coil, body coil, breast coil,
        neck coil, endorectal coil, w endorectal coil, wrist coil, hold, by hand, on hand,
        right away, right now, 左右手法, 经腹, 经腹部, 经胸, transabdominal, 经股动脉,
        经桡动脉, 经皮股动脉, 经肱动脉, 经股静脉, transfemoral, transradial, via femoral,
        mri clearance, mr clearance, for mri, pre mri, mri safety, mri screening,
        screening for mri, prior to mri, 体位, 单位, 移位, 错位, 到位, 方位, 正中位, 中心,
        手术, 手术后, 手动, 手法, 手工, 足够, 头先进, 足先进, 头足位, 头孢, 内容, 心电图,
        心电, 心电门控, 心理, 双能, 双能量, 双能量减影, 双源, 双能谱, 双参数, 双重, 双对比,
        双反转, 双相, 双时相, 双气囊, 双回波, 双下肢以外, 双屏, 双排, 双探头, 双板, 双模态,
        双同位素, 双核素, 双序列, 平面, 平均, 平衡, 水平, 水平位, 手术室, 手术前, 手术中,
        心内科, 心外科, 胸外科, 手外科, 神经外科, 骨科, 眼科, 耳鼻喉科, 口腔科, 乳腺科,
        肝胆外科, 泌尿外科, 妇科门诊, 足月, 手持, 平板, 两次, 两期, 两种, 两位, 两个, 两张,
        两部位, 双部位, 两个部位, 单部位, 单次, 单纯性, 腰围, 造影室, 平床, 双球管, 双向,
        双平面, 双期相, 心率, 指导, 指数, 指标, 指定, 手写, 关节面, 头位, 头端, 足侧,
        中心静脉以外, 增厚, 增殖, 增生, 指南, 面积, 面罩, 眼镜, 前面, 后面, 方面, 对面, 表面,
        剖面, 耳机, 鼻饲, 舌下, 心慌, 脑电图, 平台, 左右旋, 中心医院, pa chest view only""",
        mark="guard",
    ),
    Entry(
        """w or wo 2d recons, w or wo 3d recons, w or wo 2d, w or wo 3d, w or wo recons,
        w or wo recon, w recons, w recon, w 3d, w tomo, w cad, w coil, with tomo, with recon,
        with recons, with cad, with 3d, with views, w views, w obliques, w flex, with flexion,
        with doppler, w doppler, with spect, w spect, w ct""",
        mark="guard",
    ),
    Entry("乳腺x线计算机体层, 乳房x线计算机体层", "BREAST", modality="CT"),
    Entry("spect w ct, spect with ct", modality="NM"),
    Entry("上消化道出血", "ABDOMEN"),
    Entry(
        """中心静脉, 中心静脉置管, central venous, central line, cvc, port placement,
        port removal, port a cath, portacath, picc line, picc置管, 输液港, tunneled catheter,
        dialysis catheter, 透析导管, hickman, permcath""",
        "CHEST",
        broad=True,
        purpose="guidance",
        contrast="none",
        modality="XA",
        weight=HINT,
    ),
    Entry("腰椎穿刺", "LSPINE", purpose="guidance"),
    Entry(
        """胸腔穿刺, 胸水定位, 胸水穿刺, 胸腔穿刺定位, 胸腔积液定位, 胸水定位超声, 胸腔积液穿刺""",
        "CHEST",
        "pleura",
        purpose="guidance",
    ),
    Entry(
        """腹腔穿刺, 腹水定位, 腹水穿刺, 腹腔积液定位, 腹水穿刺定位""",
        "ABDOMEN",
        "ascites",
        purpose="guidance",
    ),
    Entry("骨髓, bone marrow", "", "bone marrow"),
    Entry("骨, bone, kosci", "", "bone"),
    Entry("肿瘤, tumor, tumour, mass", ""),
    Entry(
        """软组织, soft tissue, soft tissues, 浅表, 体表, 浅表肿物, 浅表淋巴结, 淋巴结,
        lymph node, lymph nodes, 包块, 体部, body, 关节, joint, joints, 肌肉, muscle, 部位,
        单部位平扫""",
        "",
        mark="anywhere",
    ),
)
