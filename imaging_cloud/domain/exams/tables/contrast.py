"""Contrast and angiography.

Source: DICOM PS3.16 CID 12; the labelling guide's conventions (docs/exam-meaning.md); common
usage. Version 2026.11.

Signals besides the codes of `Contrast`: `phase` is a contrast phase (a series after the agent),
`native` a series before it, `sub` a subtraction (needs both), `w` a bare "w" or "with" that means
contrast only where nothing else follows it, `angio` an angiogram (agent unless denied), `none?`
a technique without an agent that yields to any other word, `none!` one that admits no agent,
`dose` a low-dose technique, `urogram` a CT urogram.
"""

from imaging_cloud.domain.exams.entry import HINT, IMPLIED, Entry

# Words for the agent, whole and as cut short by scanners and order systems.
_AGENT_WORDS = """
contrast, contrasts, contras, contra, contr, cont, con, co, c, iv, ivc, ivcon, dye, gad,
gado, gd, gadolinium, infusion, inj, injection, enhancement, ce, cm, km, kontrast,
contraste, mdc, iodine, i, wi, eovist, primovist, gadavist, gadoteridol, multihance,
omnipaque, iopamidol, isovue, feraheme, i v, iv con, iv cont, iv contrast, contrast iv,
iv dye, intravenous contrast, intravenous, cntrst, cntrast, contrst, contrat, cntst, ctrst,
cntr, conts, iv only, contrast only, only, iv contrast only
"""
_AGENT = tuple(word.strip() for word in _AGENT_WORDS.split(","))
_AND_ORAL = (
    "po + iv",
    "po and iv",
    "iv + po",
    "oral + iv",
    "iv + oral",
    "iv po",
    "po iv",
    "enteric and iv",
    "enteric and iv con",
    "enteric and iv contrast",
    "iv and oral contrast",
    "oral and iv",
    "oral and iv contrast",
    "iv and oral",
)
_LEADS, _DENIALS = ("w", "with"), ("wo", "w o", "without", "no", "non", "w out", "wout")
_WITH = ", ".join(f"{lead} {agent}" for lead in _LEADS for agent in (*_AGENT, *_AND_ORAL))
_WITHOUT = ", ".join(
    f"{lead} {agent}"
    for lead in _DENIALS
    for agent in (*_AGENT, *_AND_ORAL)
    if agent not in {"i", "wi"}
)

# 有/无显影剂 and its kin: each way of saying both, for each word for the agent.
_AGENT_ZH = ("显影剂", "对比剂", "造影剂", "增强", "")
_BOTH_ZH = ", ".join(
    f"{pair}{agent}"
    for pair in (
        "有无",
        "无有",
        "有 + 无",
        "无 + 有",
        "有及无",
        "无及有",
        "有和无",
        "无和有",
        "无、有",
    )
    for agent in _AGENT_ZH
    if agent or "+" in pair
)

TERMS = (
    Entry(_BOTH_ZH, contrast="both"),
    Entry(_WITH, contrast="with"),
    Entry(_WITHOUT, contrast="none"),
    Entry("w oc, w ocon, w ocontrast, wout c", contrast="none"),
    Entry("造影, 造影检查, 造影术", contrast="with", modality="RF", weight=HINT),
    Entry("nct, ncct, nect", contrast="none", modality="CT"),
    Entry("nc", contrast="none", only="CT MR ?"),
    Entry("c c", contrast="with", only="CT"),
    Entry("s c", contrast="none", only="CT"),
    Entry("iv, i v, mdc, ivc contrast", contrast="with", only="CT MR ?"),
    Entry("eovist, primovist, gadoxetate, gadoxetic", contrast="with"),
    Entry("w, with", contrast="w"),
    Entry("wi", contrast="w"),
    Entry(
        """wc, c+, +c, wcontrast, contrast, contrasted, enhanced, enhancement, post contrast,
        postcontrast, contrast enhanced, post gad, post gadolinium, gad, gadolinium, gado, gd,
        ivcon, post con, post iv, ce, cect, kontrast, kontrastmittel, mit kontrast, mit km,
        m km, z kontrastem, ze wzmocnieniem, ze wzmocnieniem kontrastowym,
        ze srodkiem kontrastowym, ze srodkiem, po kontrascie, z podaniem kontrastu,
        dozylnym kontrastem, kontrastem, kontrastowym, con contraste, con cte, c cte,
        avec injection, avec contraste, injection, injecte, com contraste, con mdc,
        con mezzo di contrasto, avec iv, contraste, avec gadolinium, con gadolinio, nach km,
        kontrastmittelgabe, mit kontrastmittel, 增强, 增, 强化, 增强扫描, 造影剂, 对比剂,
        显影剂, 含显影, 有显影, 打显影, 有显影剂, 打显影剂, 注射显影剂, 使用显影剂, 用显影剂,
        有对比剂, 含显影剂,
        含造影剂, 含对比剂, 加显影剂, 打药, 打针, 强化扫描, 有造影剂, 单增强, 单纯增强,
        不含平扫, 无平扫, 注射对比剂, 静脉增强, 直接增强, 仅增强, 加强, 加强扫描, 有打药,
        加对比剂, 普美显增强, 钆塞酸二钠, 普美显, 增强检查, 碘对比剂, 有打显影剂, 施打显影剂,
        contrast only, primovist contrast, with contrast only""",
        contrast="with",
    ),
    Entry(
        """wo, w o, without, wout, w out, noncontrast, non contrast, noncon, non con, non ce,
        no contrast, unenhanced, un enhanced, nonenhanced, non enhanced, ncct, nect,
        wo contrast, sans injection, sans contraste, sans iv, bez kontrastu, bez wzmocnienia,
        bez, sin contraste, sin cte, ohne, ohne kontrast, ohne km, ohne kontrastmittel, nativ,
        s cte, sem contraste, senza mdc, senza mezzo di contrasto, sine, natywne, natywny,
        ohne kontrastmittelgabe, c-, plain, 平扫, 平, 平常扫描, 平素扫描, 普通扫描, 普通平扫,
        无显影, 不含显影, 不打显影, 不增强, 非增强, 无增强, 不打药, 未增强, 不强化, 无显影剂,
        不打显影剂, 不用显影剂,
        无对比剂, 未打显影剂, 无造影剂, 不用造影剂, 不注射显影剂, 单纯, 非造影, 单纯ct以外,
        无打药, 不含增强, 不含显影剂, 不含造影剂, 不含对比剂, 无含显影剂, 无需增强,
        不使用显影剂, 平扫不增强, 无需对比剂, 免造影剂, 不使用对比剂, 不加显影剂, 无注射,
        不施打显影剂, 单纯平扫, 常规平扫, 单纯扫描, gep扫, 不造影""",
        contrast="none",
    ),
    Entry("bare plain, plane scan, simple scan", contrast="none"),
    Entry("cect", contrast="with", modality="CT"),
    Entry(
        """km, i v km, iv km, mit iv km, mit i v km, km gabe, kontrastmittelgestutzt, avec pdc,
        produit de contraste, avec produit de contraste, injectee, injectes, injectees,
        avec injection de produit de contraste, contrastado, contrastada, contraste iv,
        con contraste iv, con civ, contraste ev, contraste endovenoso, con contraste endovenoso,
        z podaniem srodka kontrastowego, z podaniem srodka kontrastujacego, z kontr,
        ze srodkiem kontrastujacym, po podaniu kontrastu, ze wzmocnieniem kontrastem,
        z gadolinem, con gad, gadolinio, mit gadolinium, mit gd, gadolinium iv""",
        contrast="with",
    ),
    Entry(
        """kein km, keine km, ohne i v km, ohne iv km, ohne kontr, non injecte, non injectee,
        non injectes, sans produit de contraste, sans pdc, sin civ, sin gadolinio, sin gad,
        sans injection de produit de contraste, no contrastado, no contrastada, sin contraste iv,
        sin contraste endovenoso, sin contraste ev, bez srodka kontrastujacego,
        bez srodka kontrastowego, bez podania kontrastu, natywna, bez kontr, bez wzmocnienia
        kontrastowego, bez podania srodka kontrastowego, nicht kontrastmittelgestutzt""",
        contrast="none",
    ),
    Entry("simple, simples", contrast="none", only="CT MR ?"),
    Entry(
        """nativ + km, nativ km, nativ und kontrastmittel, nativ + kontrastmittel, ohne + mit km,
        ohne und mit km, ohne mit km, nativ + kontrast, nativ und i v km, nativ + i v km,
        nativ und iv km, sans et avec injection, avec et sans injection,
        sans puis avec injection, sans et avec produit de contraste, simple y contrastada,
        simple y contrastado, simple y con contraste, simple y contraste, simple + contraste,
        sin y con contraste, con y sin contraste, con y sin cte, sin y con cte, con y sin civ,
        con y sin gadolinio, sin y con gadolinio, bez i z kontrastem, z i bez kontrastu,
        bez i ze wzmocnieniem kontrastowym, bez i ze srodkiem kontrastowym,
        przed i po kontrascie, przed i po podaniu kontrastu, bez oraz z kontrastem,
        przed i po podaniu srodka kontrastowego, bez i po podaniu kontrastu,
        bez i po podaniu srodka kontrastowego, bez kontrastu i z kontrastem""",
        contrast="both",
    ),
    Entry(
        """native, pre contrast, precontrast, pre con, pre, precon, prec, pregad, pre gad,
        pre contra, 平扫期, 增强前""",
        contrast="native",
    ),
    Entry(
        """w plus wo, with plus without, w wo, wwo, w w o, w + wo, wo w, wo + w, w o w, w o + w,
        w and wo, wo and w, w and w o, w o and w, w wout, w woc, wowc, wo + with,
        with and without, without and with, with without, without with,
        w or w o contrast both, with + without, without + with, with + wo, wow, w wo contrast,
        wo w contrast, w and wo contrast, with a without, w a wo, c+/-, c-/+, c-/c+, c+/c-,
        c+/-c, c+c-, c-c+, avec et sans, sans et avec, sin y con, con y sin, bez i z,
        bez i ze, bez i po, z i bez, przed i po, sans puis avec, ohne und mit, nativ und km,
        nativ und mit km, mit und ohne, pre post, pre and post, pre + post, pre post contrast,
        pre and post contrast, s c cte, com e sem, 平扫 + 增强, 平扫及增强, 平扫加增强,
        平扫增强, 平 + 增, 平加增, 平增, 平扫和增强, 平扫、增强, 平扫与增强, 平扫并增强,
        平 + 增强, 平扫 + 增, 平增强, 平扫、强化, 增强前后, 双增平扫, 平扫 + 三期""",
        contrast="both",
    ),
    Entry(
        """增强或平扫, 平扫或增强, with or without, w or wo, with or without contrast,
        有或无显影剂, 平扫或者增强""",
        contrast="?",
    ),
    Entry(
        """triple phase, triphasic, tri phasic, 3 phase, three phase, biphasic, dual phase,
        multiphase, multiphasic, multi phase, 4 phase, four phase, quad phase, triphase,
        arterial, arterial phase, portal, portal venous, portal venous phase, venous phase,
        delay, delayed, delayed phase, nephrographic, equilibrium, equil, late arterial,
        dynamic, dynamic contrast, dce, dynamic contrast enhanced, first pass, viability,
        late gadolinium, late gadolinium enhancement, lge, stress perfusion, ddynamisch,
        dynamisch, dynamique, dynamiczne, dynamika, trifasico, triphasique, trojfazowe,
        wielofazowe, dreiphasen, 三期, 双期, 多期, 三期增强, 双期增强, 多期增强, 四期,
        四期增强, 动态增强, 多期动态增强, 动态, 三期动态增强, 动脉期, 静脉期, 门脉期,
        门静脉期, 延迟期, 延迟强化, 延迟扫描, 延迟增强, 三期扫描, 多期扫描, 双期扫描, 延时,
        延时扫描, 动态扫描, 首过灌注, 动脉期增强, 静脉期增强, 延迟, 动态强化, ダイナミック,
        双动脉期, 灌注, 灌注成像, 血流灌注, perfusion, perfusie, perfuzja, ctp, pwi, pct, dsc,
        dynamic pituitary""",
        contrast="phase",
        never="US NM XR MG PT",
    ),
    Entry("动脉自旋标记法, dwibs, 背景抑制弥散", contrast="none?"),
    Entry("stress rest, rest stress, dynamic flow, 静息, 负荷", ""),
    Entry(
        """enteric, oral contrast, po contrast, po only, oral only, oral prep, enteric contrast,
        w po, with po, oral, po, per os, rectal contrast, with oral contrast, w oral contrast,
        w oral, 口服造影剂, 口服对比剂, 口服对比, 口服, 口服造影, 口服显影剂, contraste oral,
        doustny, doustnie, oral km""",
        contrast="oral",
    ),
    Entry(
        """without oral, wo oral, no oral, w o oral, no po, w o po, wo po, no oral contrast,
        without oral contrast, wo oral contrast, w o oral contrast""",
        "",
    ),
    Entry(
        """ceus, contrast enhanced ultrasound, contrast ultrasound, us contrast, 超声造影,
        造影超声, 超声声学造影, 声学造影, 超声造影检查, sonovue, lumason, definity, optison,
        声诺维""",
        contrast="with",
        modality="US",
    ),
    Entry(
        """asl, arterial spin labeling, 动脉自旋标记, 无创灌注, tof, 3d tof, 2d tof,
        time of flight, phase contrast, pc mra, inhance, native mra, qiss, nce, nce mra,
        non contrast mra, 时间飞跃, 非对比, 相位对比, tof mra, mra tof, 时间飞跃法, 非增强mra,
        3dtof, 2dtof""",
        contrast="none!",
        only="MR",
    ),
    Entry("ser, pe1, pe2", contrast="sub", only="MR", mark="series"),
    Entry("pc", contrast="none!", only="MR", mark="angio"),
    # Series as scanners write them.
    Entry(
        """post, posts, postcon, post c, ce mr, care bolus, smart prep, smartprep, omni,
        omnipaque, isovue, visipaque, ultravist, iohexol, iopamiro, smart prep series, bolus,
        bolus tracking, bolus track, hap, late art, early art, nephro, corticomed,
        corticomedullary, corticomedul, cortico, excretory,
        pyelographic, parenchymal, monitoring, premonitoring, test bolus, timing bolus,
        surestart, ph1, ph2, ph3, ph4, ph5, art, ven, pv, p venous, port ven, min delay,
        minute delay, sec delay, twist, tricks, disco, lava xv, 5 min, vibrant post, dyn,
        dynamic series, cardiac perfusion, perf, uptake, washout, post dyn, cor post, ax post,
        sag post, 80 sec, 70 sec, ktrans, kep, twist dyn""",
        contrast="phase",
        mark="series",
    ),
    Entry(
        """sub, subtr, subtraction, subtractions, subs, subtracted, vibe sub""",
        contrast="sub",
        mark="series",
    ),
)

ANGIO = (
    Entry(
        """cta, ctv, ct angio, ct angiogram, ct angiography, ct venogram, ct venography,
        angio ct, angioct, angio tk, angio kt, angio tc, angiotac, angio tac, angiotc,
        angioscanner, angio scanner, angio scan ct, ct血管成像, ct血管造影, ct血管三维成像,
        ct血管, ct静脉成像, ct静脉造影,
        ct动脉成像, ct動脈造影, angio tdm, angiotk, cta血管成像, 血管cta, 动脉cta, 静脉ctv,
        血管ct, ct angiographie, angiogramm ct, ct angio w, ctac angio, angiotomografia,
        ct电脑断层血管摄影, 电脑断层血管摄影, 电脑断层血管造影, angio tomografia""",
        modality="CT",
        contrast="angio",
        angio="1",
    ),
    Entry(
        """mra, mrv, mr angio, mr angiogram, mr angiography, mr venogram, mr venography, ce mra,
        cemra, angio mr, angio rm, angio mri, angio mrt, angiorm, angio irm, angioirm,
        angiomr, angio mrt, mr血管成像, 磁共振血管成像, 磁共振血管造影, mr静脉成像, 磁共振静脉成像,
        mr血管造影, angio rmn, angiorezonans, mr angiographie, mr静脉造影, 核磁血管成像,
        血管mr, 磁振血管造影, 磁振血管摄影, mr血管, 核磁共振血管成像, 磁共振动脉成像,
        angiorresonancia, angio resonancia""",
        modality="MR",
        contrast="angio",
        angio="1",
    ),
    Entry(
        """高分辨血管壁, 血管壁成像, 高分辨率血管壁, 管壁成像, 高分辨管壁, 血管壁,
        高分辨血管壁成像, vessel wall, vessel wall imaging, 斑块成像, 斑块""",
        modality="MR",
        weight=HINT,
    ),
    Entry(
        """angio, angiogram, angiography, angiographic, arteriogram, arteriography, venogram,
        venography, phlebography, aortogram, aortography, cavogram, venacavogram, 血管造影,
        动脉造影, 静脉造影, 主动脉造影, 全脑血管造影, 血管摄影, 血管造影术, 动脉造影术,
        静脉造影术, 血管撮影, 脑血管造影术, 选择性动脉造影, 动静脉瘘造影, 内瘘造影,
        angiographie, arteriographie, phlebographie, angiografia, arteriografia, flebografia,
        arteriographic, 门静脉造影""",
        modality="XA",
        weight=IMPLIED,
        contrast="angio",
        angio="1",
        never="US NM",
    ),
    Entry(
        """脑血管造影, 全脑动脉造影, cerebral angiogram, cerebral angiography,
        cerebral arteriogram, 脑动脉造影""",
        "HEAD",
        modality="XA",
        weight=IMPLIED,
        contrast="with",
        angio="1",
    ),
    Entry(
        """全脑血管造影, 全脑血管造影术""",
        "HEAD",
        modality="XA",
        weight=IMPLIED,
        contrast="with",
        angio="1",
    ),
    Entry("dsa造影, dsa", modality="XA", angio="1"),
    Entry("ct dsa, dsa ct, ctdsa", modality="CT", contrast="angio", angio="1"),
    Entry(
        """血管成像, 血管三维成像, 动脉成像, 静脉成像, 血管重建, 血管三维, 三维血管,
        三维血管成像, 血管成象""",
        contrast="angio",
        angio="1",
        never="US NM",
    ),
    Entry(
        """血管, vascular, vessel, vessels, arterial doppler, venous doppler, 动脉, 静脉, artery,
        arteries, vein, veins, venous, 动静脉, 外周血管, 周围血管, peripheral vascular,
        naczyn, gefasse""",
        mark="vessel",
    ),
)
