"""Why the exam is made: guidance, planning, screening, or nothing imaged at all.

Source: the labelling guide's conventions (docs/exam-meaning.md); common usage. Version 2025.1.
"""

from imaging_cloud.domain.exams.entry import HINT, IMPLIED, Entry

TERMS = (
    Entry(
        "biopsy, biopsies, bx, biopsie, biopsja, biopsia, fna, fnab, core biopsy, aspiration, aspirate, aspir, drain, drainage, drainages, drainge, drn, abscess drainage, guide, guided, guidance, guiding, needle guidance, needle placement, ndl plcmt, needle, tube placement, tube change, tube check, tube exchange, localization, localisation, "
        "paracentesis, thoracentesis, injection steroid, steroid injection, epidural, esi, nerve block, block, facet, facet injection, vertebroplasty, kyphoplasty, picc, line placement, catheter placement, port placement, catheter exchange, gastrostomy, nephrostomy, cholecystostomy, amniocentesis, cvs, radiofrequency, drenaje, drenaje percutaneo, intraop, "
        "joint injection, joint aspiration, lumbar puncture, lp, tube, access, vascular access, clip placement, marker placement, seed placement, ptc, sclerotherapy, hydrodilatation, barbotage, punkcja, punktion, drenaz, ponction, puncion, infiltration, infiltracion, drainageanlage, intraoperative, intra op, orif, c arm, carm, hsg guidance, "
        "穿刺, 活检, 引导, 引导下, 引流, 引流术, 穿刺术, 穿刺活检, 活检术, 细针穿刺, 置管, 置管术, 置管引流, 抽吸, 抽液, 导丝定位, 钩丝定位, 穿刺定位, 术中, 术中透视, 术中超声, 介导下, 导引, 导引下, 造瘘, 造瘘术, 硬化治疗, 硬化, 注射治疗, 封闭, 神经阻滞, 椎体成形术, 椎体成形, pvp, pkp, 球囊扩张术以外, 抽吸术, 切片, 导管引流, 切片术, 取样, 羊膜腔穿刺, 羊水穿刺, 胸穿, 腹穿, 骨穿, 腰穿, 粒子植入, "
        "粒子植入术, 旋切, 微创旋切, 麦默通, c臂, c型臂, 臭氧治疗, 注药, 微创治疗, 术中定位, 经皮, 生检, 介入超声, 引导置管, 定位穿刺, 导丝, 硬膜外, 取卵, 减胎, 整复, 复位, 异物取出",
        purpose="guidance",
    ),
    Entry("ablation, rfa, microwave ablation, mwa, cryoablation, hifu, 消融, 消融术, 射频消融, 微波消融, 冷冻消融, 射频治疗, 热凝, 激光消融, ablacion, 射频, 冷冻治疗, 海扶", purpose="guidance", mark="treatment"),
    Entry("ptcd, ptbd, pcn, ptgd, biliary drain, biliary drainage, 经皮肝穿刺胆道引流, 经皮肝穿胆道引流, ptcd引流, 胆道引流, 胆道支架", "ABDOMEN", "bile duct", modality="XA", weight=IMPLIED, contrast="with", purpose="guidance"),
    Entry("ptgbd", "ABDOMEN", "gallbladder", modality="XA", weight=HINT, contrast="none", purpose="guidance"),
    Entry("filter placement, ivc filter, ivc filter placement, ivc filter removal, filter retrieval, vena cava filter, 下腔静脉滤器, 滤器, 滤器置入, 滤器植入, 滤器取出, 下腔静脉滤器植入术, 滤器置入术, 滤器植入术, 下腔静脉滤器置入术", "ABDOMEN", "inferior vena cava", modality="XA", weight=HINT, contrast="with", purpose="guidance"),
    Entry("embolization, embolisation, embolize, stent, stenting, stents, angioplasty, thrombectomy, thrombolysis, recanalization, coil embolization, chemoembolization, tace, tae, y90, uae, bae, pta, atherectomy, balloon, pacemaker, evar repair, pfo closure, closure, valvuloplasty, tevar, declot, "
          "栓塞, 栓塞术, 支架, 支架植入, 支架置入, 支架植入术, 支架置入术, 支架成形术, 成形术, 球囊扩张, 球囊扩张术, 球囊成形术, 取栓, 取栓术, 溶栓, 溶栓术, 介入治疗, 介入术, 化疗栓塞, 灌注化疗, 动脉化疗, 动脉灌注化疗, 栓塞治疗, 血管介入, 封堵, 封堵术, 起搏器, 起搏器植入, 射频消融术心脏, 碎吸, 动脉化疗栓塞, 肝动脉化疗栓塞, 化疗栓塞术, 动脉栓塞, 血管内治疗, 血管成形术, 弹簧圈, 弹簧圈栓塞, 机械取栓, hepatic chemoembolization, embolizacion, embolisation arterielle, 腔内隔绝, 腔内修复, 血栓抽吸, "
          "介入栓塞, 动脉瘤栓塞, 动脉瘤栓塞术, 灌注化疗术, 血管内介入", modality="XA", weight=HINT, purpose="guidance", mark="treatment"),
    Entry("动脉化疗栓塞术, tace术, 肝动脉化疗栓塞术, 肝癌介入, 肝动脉栓塞, hepatic embolization", "ABDOMEN", "liver", modality="XA", weight=HINT, purpose="guidance", mark="treatment"),
    Entry("simulation, sim, simulator, ct sim, simct, rt planning, radiotherapy planning, radiation planning, treatment planning, tx plan, tx planning, rad onc, radonc, radiotherapy, radiation therapy, planning, plan, treatment plan, planning ct, brachytherapy, bestrahlungsplanung, planungs ct, planowanie, planowanie radioterapii, radioterapia, planificacion, "
          "simulation ct, dosimetrie, dosimetry, rtp, cbct treatment, stealth, brainlab, navigation, neuronavigation, stereotactic planning, frameless, mako, conformis, gamma knife, cyberknife, sbrt, imrt, srs, plan rt, "
          "放疗定位, 放疗, 模拟定位, ct模拟定位, 放射治疗定位, 放疗计划, 定位扫描, 大孔径定位, 大孔径, 大孔径ct定位, 放射治疗, 治疗计划, 放疗模拟, 导航, 术前导航, 导航扫描, 神经导航, 手术导航, ct模拟, 模拟ct, 定位ct放疗, 4d定位, 4dct定位, 伽马刀, 伽玛刀, 射波刀, 后装, 后装定位, 立体定向, 导板, 3d打印, 复位扫描, 放疗复位, 放射治疗计画, 放射治疗计划, 术前规划, 放疗ct", purpose="planning"),
    Entry("screening, screen, scr, screener, scrn, screenning, screning, lung screening, lung cancer screening, low dose screening, 筛查, 普查, 筛检, 初筛, 体检, 健康体检, depistage, cribado, tamizaje, screeningowa, przesiewowa, przesiewowe, fruherkennung, rastreamento, 检诊, 健诊, 早癌筛查, 体检套餐, 健康检查", purpose="screening"),
    Entry("ldct, low dose, low dose ct, lowdose, low dose chest, ld, 低剂量, 低剂量ct, 低剂量螺旋ct, 低剂量扫描, 超低剂量, niskodawkowa, low dose lung, basse dose, baja dosis, 低线量", contrast="dose"),
    Entry("ldct, low dose chest ct", "CHEST", "lung", modality="CT", contrast="dose"),
    Entry(
        "phantom, qa phantom, phantoms, qa, qc, quality control, 模体, 体模, 水模, 质控, 会诊, 外院片会诊, 外院会诊, 读片, 阅片, 胶片, 胶片打印, 打印胶片, 刻盘, 光盘, 刻录, 拷贝, 胶片费, outside, outside images, outside image, outside film, outside films, outside cd, outside study, external, import, imprt, imported, second opinion, "
        "film library, cd import, dicom import, copy cd, cd burn, reference only, interpretation only, consult, consultation, 3d reconstruction, 三维重建, 三维成像, 图像后处理, 后处理, 三维, 重建, 图像重建, 3d重建, 三维重组, 多平面重建, mpr, 影像会诊, 远程会诊, 院外片, 外院片, 重组, 数字化存储, 存储, 储存, 介质, 图像存储, 电子胶片, 云胶片, 报告, 3d recon, "
        "recon only, post processing, postprocessing, 图文报告, 工作站, 诊断会诊, 影像拷贝, 外院影像, 数字胶片, 图像处理, 影像片会诊, 疑难会诊, 疑难片会诊, 借片, cd, reference, outside reference, konsultacja, 加做, 附加, 加收",
        purpose="other",
    ),
    Entry("定位", purpose="guidance", only="US MG"),
    Entry("pcnl, 经皮肾镜, 肾造瘘, 经皮肾造瘘, 经皮肾", "ABDOMEN", "kidney", purpose="guidance"),
)
