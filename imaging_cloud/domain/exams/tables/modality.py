"""How the kind of exam is named.

Source: DICOM PS3.16 CID 29 and CID 33; the item names of Chinese public price catalogues;
common usage in English, Polish, French, Spanish, German and Japanese. Version 2026.11.
"""

from imaging_cloud.domain.exams.entry import HINT, IMPLIED, Entry

# DICOM Modality of a series -> exam modality. Absent: objects that are not exams (SR, SEG, ...).
DICOM_MODALITY = {
    **dict.fromkeys(("CT",), "CT"),
    **dict.fromkeys(("MR", "MA", "MS"), "MR"),
    **dict.fromkeys(("CR", "DX", "DR", "XR", "RG", "IO", "PX", "BMD", "BDUS", "DXR"), "XR"),
    **dict.fromkeys(("MG",), "MG"),
    **dict.fromkeys(("US", "IVUS", "DD", "CD", "EC"), "US"),
    **dict.fromkeys(("NM", "ST"), "NM"),
    **dict.fromkeys(("PT",), "PT"),
    **dict.fromkeys(("XA", "DS", "DF"), "XA"),
    **dict.fromkeys(("RF", "FS", "CF"), "RF"),
}
# Where several modalities were made or named together, the one that names the exam.
PRIORITY = ("PT", "NM", "MG", "MR", "XA", "CT", "US", "RF", "XR")

TERMS = (
    Entry(
        """ct, hrct, msct, mdct, qct, spiral ct, ct scan, cat scan, computed tomography,
        computerized tomography, 电脑断层, 电脑断层摄影, 电脑断层造影, 电脑断层扫描,
        计算机断层, 计算机断层扫描, 计算机体层, 断层扫描, x线计算机体层, コンピュータ断层,
        tomografia komputerowa, tomografii komputerowej, computertomographie,
        computertomografie, tomodensitometrie, tomografia computarizada,
        tomografia axial computarizada, tomografia computadorizada, cone beam, cbct, 宝石ct,
        能谱ct, 双源ct, 薄层ct, 螺旋ct""",
        modality="CT",
    ),
    Entry("kt, tk, tdm, tac, tc, cct", modality="CT", weight=IMPLIED),
    Entry("scanner, tomografia, tomodensitometrique, 断层摄影", modality="CT", weight=HINT),
    Entry(
        """mr, mri, mrt, irm, nmr, fmri, mpmri, bpmri, cmr, 磁共振, 核磁, 核磁共振, 磁振造影,
        磁振, 磁共振成像, 核磁共振成像, 磁気共鸣, 磁气共鸣, magnetic resonance,
        magnetic resonance imaging, magnetresonanz, magnetresonanztomographie, kernspin,
        kernspintomographie, rezonans magnetyczny, rezonans, rezonansu magnetycznego,
        resonancia magnetica, resonancia, resonance magnetique,
        imagerie par resonance magnetique, ressonancia magnetica""",
        modality="MR",
    ),
    Entry("rm, rmn, mrn, mra, mrv, mrs, spectroscopy", modality="MR", weight=IMPLIED),
    Entry(
        """dwi, dti, swi, flair, 弥散加权, 弥散, 磁敏感, 波谱, mr波谱, 氢质子波谱, stir, t2wi,
        t1wi, bold, 弥散张量""",
        modality="MR",
        weight=HINT,
    ),
    Entry(
        """xr, dr, cr, dx, x ray, xray, x rays, xrays, cxr, radiograph, radiographs, radiography,
        x线, x光, x线摄影, x线摄片, x线平片, x线片, x线检查, x光片, x光检查, 数字化摄影,
        数字摄影, 数字x线摄影, 床旁片, rtg, roentgen, rontgen, rontgenaufnahme, rx,
        radiographie, radiografia, x线撮影, レントゲン, plain film, plain films, 单纯x线,
        一般摄影, 一般撮影, 计算机x线摄影""",
        modality="XR",
    ),
    Entry(
        """摄片, 平片, 拍片, 照片, 正位片, 侧位片, 正侧位片, 斜位片, 双斜位片, 全长片, 切线位片,
        负重位片, 轴位片, 立位片, 卧位片, 穿胸位片, 张口位片, 蛙位片, 蛙式位片, 咬翼片,
        定位片, 片, 胶片摄影, aufnahme, zdjecie, radio""",
        modality="XR",
        weight=IMPLIED,
    ),
    Entry(
        """正位, 侧位, 正侧位, 正侧, 正斜, 正斜位, 斜位, 双斜位, 双斜, 左右斜位, 轴位, 切线位,
        正切位, 切位, 侧轴位, 负重位, 负重, 摄影, 应力位, 立位, 卧位, 立卧位, 站立位,
        站立正位, 仰卧位, 蛙位, 蛙式位, 蛙形位, 开口位, 张口位, 过伸过屈位, 过伸过屈, 过伸位,
        过屈位, 动力位, 伸屈位, 功能位, 穿胸位, 出口位, 入口位, 谢氏位, 髌骨轴位, 瓦氏位,
        华氏位, 柯氏位, 汤氏位, 颏顶位, 许氏位, 梅氏位, 斯氏位, 闭孔位, 髂骨斜位, 全长, 床旁,
        床边, 点片, 透视下摄片, 舟骨位, 下颌骨位, 踝穴位, 尺偏位, 位, 正面, 侧面, 正侧面,
        后前位, pa l, ap l, 正側位, 前后位""",
        modality="XR",
        weight=HINT,
    ),
    Entry(
        """ap lat, pa lat, ap, pa, lat, lateral, lateral views, oblique, oblq, obl, obliques,
        view, views, p a, odontoid, open mouth, swimmers, swimmer, sunrise, merchant, skyline,
        mortise, weight bearing, weightbearing, wt bearing, wb views, standing, upright,
        erect, supine and erect, portable, port, mobile, axillary, axil, scapular y, y view,
        grashey, tunnel, notch, frog leg, frog, cross table, xtable, decubitus, decub,
        inlet outlet, judet, stress views, flexion extension, flex ext, 1v, 2v, 3v, 4v, 2vw,
        3vw, 1vw, vw, vws, series, trauma series, 位片, ap standing, waters, caldwell, townes,
        bedside, lordotic, apical lordotic, apical, coned, coned down,
        scanogram view, deux incidences, face et profil, ap und seitlich, in 2 ebenen, 2 ebenen,
        ap i boczne, v""",
        modality="XR",
        weight=HINT,
    ),
    Entry(
        """us, u s, ultrasound, ultrasonography, ultrasonic, sonogram, sonography, usg, sono, echo,
        tte, tee, echocardiogram, echocardiography, doppler, duplex, 超声, 彩超, b超, b型超声,
        超音波, 彩色多普勒, 彩色多普勒超声, 多普勒, 超声检查, 彩色超声, 三维超声, 四维超声,
        四维彩超, 三维彩超, 黑白超声, 黑白b超, エコー, 超音波检查, 腔内超声, 经阴道超声,
        阴道超声, 阴超, 经直肠超声, 介入超声, ultraschall, sonographie, echographie,
        ecografia, ultrasonografia, ecocardiograma, echocardiographie, fast scan, fibroscan,
        elastography, 弹性成像, 超声弹性成像, 声学造影""",
        modality="US",
    ),
    Entry(
        """eco, ecodoppler, eco doppler, echodoppler, echo doppler, echographique, sonografie,
        duplexsonographie, duplexsonografie, farbduplex, farbduplexsonographie, usg doppler,
        ecotomografia, ultrasonido, ultrassonografia, usv, dopplera, 超声波""",
        modality="US",
        weight=IMPLIED,
    ),
    Entry(
        """radiografias, radiografie, radiogramm, radiogram, zdjecia, przegladowe, cliche, cliches,
        placa, placas, rayos x, proyecciones, seitlich, ebenen, incidencia, incidencias,
        telerradiografia, vista, vistas, f p, face profil, de face, de profil, a p und seitlich,
        a p i boczne, bok, boczne, 2方向, 4方向, 方向""",
        modality="XR",
        weight=HINT,
    ),
    Entry("b mode, 残余尿, 残余尿测定, 瞬时弹性, bsus, 彩多", modality="US", weight=HINT),
    Entry(
        """nm, spect, spect ct, ect, nuclear medicine, nuc med, scintigraphy, scintigram,
        szintigraphie, scyntygrafia, scintigraphie, gammagrafia, 核素, 核医学, 同位素, 闪烁,
        シンチグラフィ, シンチ, lymphoscintigraphy, 单光子, 单光子发射, spect显像, ect显像,
        核素显像, 放射性核素""",
        modality="NM",
    ),
    Entry("显像, 骨显像, scan nuclear, tc99m, technetium, 锝", modality="NM", weight=IMPLIED),
    Entry(
        """pet, pet ct, petct, pet mr, petmr, pet mri, petmri, pt ct,
        positron emission tomography, positron, 正电子, 正电子发射, 正子, 正子造影, 正子摄影,
        正子断层, 正子电脑断层, 正子电脑断层造影, 正子电脑断层扫描, 派特, ペット, tep,
        tep scan, tep tdm, fdg pet, psma pet, fdg, 18f fdg, psma""",
        modality="PT",
    ),
    Entry("超", modality="US", weight=IMPLIED),
    Entry("超低, 超短, 超薄, 超高, 超快, 超敏, 超急, 超重, 超长, 超过", mark="guard"),
    Entry("类pet", modality="MR"),
    Entry("mg, mm", modality="MG", weight=IMPLIED),
    Entry("fl", modality="RF", weight=IMPLIED),
    Entry("tof pet, petscan, pet scan", modality="PT"),
    Entry(
        """dsa, 数字减影, 数字减影血管造影, cath, catheterization, cardiac catheterization, xa,
        介入治疗, digital subtraction""",
        modality="XA",
    ),
    Entry("ir, interventional, interventional radiology, 介入", modality="XA", weight=HINT),
    Entry(
        """透, rf, fluoro, fluro, flouro, fluoroscopy, fluoroscopic, 透视, x线透视, 透视检查,
        胃肠机, durchleuchtung, radioscopie""",
        modality="RF",
    ),
)
