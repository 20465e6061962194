"""Words that name several regions at once, and procedures that imply their region and method.

Source: the labelling guide's conventions (docs/exam-meaning.md); DICOM PS3.16 CID 4031; RSNA
Playbook; common usage. Version 2025.1.
"""

from imaging_cloud.domain.exams.entry import HINT, Entry

TERMS = (
    Entry("c a p, cap, tap, t a p, chest abdomen pelvis, chest abd pelvis, chest abd pel, chest abd pelv, chest abdomen and p, chest abd and p, chestabdpelvis, chest abdo pelvis, ch ab pel, "
          "ch abd pel, ch abd pelvis, c + a + p, chest abd plvs, tho abd pel, thorax abdomen pelvis, thorax abdomen becken, thorax abd pel, chabdpel, 胸腹盆, 胸腹盆腔, 胸部腹部盆腔, 胸腹盆部, 胸腹部及盆腔, 胸、腹、盆, 胸腹骨盆, 胸腹盆联合, 胸～盆, chest abdomen and pelvis, thoraco abdomino pelvien, "
          "thoraco abdomino pelvienne, thoracoabdominopelvien, 胸腹骨盆腔, 胸部～骨盆, 胸部骨盆, torax abdomen y pelvis, torax abdomen pelvis, 体幹部, 体干部, 体干, 躯干, 躯干部, 胸全腹, 胸部全腹部, trunk, torso, tap scan", "CHEST+ABDOMEN+PELVIS"),
    Entry("a p, ap, abd pel, abd pelvis, abd pelv, abdpel, abdomen pelvis, abdominopelvic, abdomino pelvien, abdominopelvienne, abd plvs, abdomen and p, a + p, ab pel, abdo pelvis", "ABDOMEN+PELVIS", only="CT MR PT US", mark="view"),
    Entry("whole abdomen, entire abdomen, full abdomen, total abdomen, complete abdomen pelvis, abdominopelvis, abdomen and pelvis, abdomen pelvis, abd and pelvis, abd + pelvis, 全腹, 全腹部, 全腹腔, 腹盆, 腹盆腔, 腹部盆腔, 腹盆部, 腹部及盆腔, 腹部骨盆, 上下腹, 上下腹部, 上腹下腹, 腹腔盆腔, 腹部～骨盆, 腹部至骨盆, "
          "上中下腹, 上中下腹部, 中下腹, 中下腹部, 腹部与盆腔, 全腹盆腔, abdomen becken, abdomen und becken, jamy brzusznej i miednicy, jamy brzusznej i miednicy mniejszej, abdomen y pelvis, abdomino pelvienne, abdome total, abdome e pelve, 腹部骨盆腔, 腹骨盆, abdomenpelvis", "ABDOMEN+PELVIS"),
    Entry("c a, chest abd, chest abdomen, chest + abdomen, thoracoabdominal, thoraco abdominal, 胸腹, 胸腹部, 胸上腹, 胸部上腹部, 胸上腹部, thorax abdomen, thorax und abdomen, thorax oberbauch, ch abd, 胸部～上腹部, 胸腹联合", "CHEST+ABDOMEN", mark="view", only="CT MR PT XR ?"),
    Entry("neck chest abdomen pelvis, neck chest abd pelvis, ncap, n c a p, neck cap, 颈胸腹盆, 颈胸腹盆腔, 颈部胸部腹部盆腔", "NECK+CHEST+ABDOMEN+PELVIS"),
    Entry("颈胸腹, 颈胸腹部", "NECK+CHEST+ABDOMEN"),
    Entry("颈胸, 颈胸部, 颈部胸部, neck chest, neck and chest", "NECK+CHEST"),
    Entry("头颈胸, 头颈胸部", "HEAD+NECK+CHEST"),
    Entry("头胸腹盆", "HEAD+CHEST+ABDOMEN+PELVIS"),
    Entry("头胸, 头胸部", "HEAD+CHEST"),
    Entry("头胸腹", "HEAD+CHEST+ABDOMEN"),
    Entry("babygram, 新生儿胸腹, 胸腹联合片, 胸腹平片, chest abdomen infant", "CHEST+ABDOMEN", modality="XR", weight=HINT),
    Entry("kub, 肾输尿管膀胱, 泌尿系平片, 腹部kub, 泌尿系kub, urinary tract plain, 尿路平片", "ABDOMEN+PELVIS", "urinary tract", modality="XR", weight=HINT),
    Entry("urinary tract, urinary system, urinary, urogram, urography, ureter, ureters, ureteral, ureteric, urinary stone, kidney stone, renal stone, stone protocol, stone study, renal colic, hematuria, ctkub, ct kub, renal and bladder, renal bladder, renal + bladder, kidneys bladder, kidney bladder, "
          "kidneys and bladder, 泌尿, 泌尿系, 泌尿系统, 尿路, 输尿管, 双输尿管, 肾输尿管, 肾、输尿管、膀胱, 双肾输尿管膀胱, 双肾、输尿管、膀胱, 肾膀胱输尿管, 泌尿道, 泌尿系结石, 尿路结石, 肾盂输尿管, 泌尿系彩超, 双肾输尿管, 双肾膀胱输尿管, 尿管, 尿路系, uro, harnwege, ukladu moczowego, uklad moczowy, drog moczowych, voies urinaires, "
          "vias urinarias, 双肾输尿管膀胱前列腺, 肾输尿管膀胱前列腺, 泌尿系水成像, harntrakt, voie urinaire, urotac, uroscanner", "ABDOMEN+PELVIS", "urinary tract"),
    Entry("ctu, ct urogram, ct urography, ct ivp, ctivp, ct ivu, uro ct, urotk, 泌尿系ctu, 尿路ctu, ct尿路造影, ct尿路成像, 泌尿系ct造影, 尿路ct造影, urotc, ct泌尿系造影", "ABDOMEN+PELVIS", "urinary tract", modality="CT", contrast="urogram"),
    Entry("mru, mr urogram, mr urography, mr urogr, 尿路水成像, mr尿路成像, 磁共振尿路成像, 泌尿系mru", "ABDOMEN+PELVIS", "urinary tract", modality="MR", contrast="none"),
    Entry("ivp, ivu, iv pyelogram, intravenous pyelogram, intravenous urogram, intravenous urography, excretory urogram, 静脉肾盂造影, 静脉尿路造影, 排泄性尿路造影, 静脉肾盂, 肾盂造影, 逆行肾盂造影, 逆行尿路造影, retrograde pyelogram, retrograde pyelography, retrograde urogram, urografia, urografia intravenosa, "
          "urographie, urographie intraveineuse, urogramm, 静脉性肾盂造影, 大剂量静脉肾盂造影, 静脉性尿路造影, 尿路造影, 排泄性尿路, 顺行肾盂造影, antegrade pyelogram, antegrade nephrostogram, 泌尿系造影, uiv, 静脉泌尿系造影, 静脉肾盂摄影, 静脉肾盂造影摄影", "ABDOMEN+PELVIS", "urinary tract", modality="RF", weight=2, contrast="with"),
    Entry("mrcp, mr cholangiopancreatography, cholangiopancreatography, mr cholangiography, magnetic resonance cholangiopancreatography, mr胰胆管成像, 胰胆管水成像, 磁共振胰胆管成像, 胰胆管成像, 胆道水成像, 胆胰管水成像, 胆道成像, cholangio mr, cholangio mri, cholangio rm, cholangio mrt, cholangio rmn, bili irm, "
          "bili mri, cholangiorm, colangiorm, colangioresonancia, colangio rm, cprm, 磁共振胆胰管, 胰胆管造影磁共振, 磁共振胰胆管造影, mr胰胆管造影, mr胆胰管成像, 磁共振胆道成像", "ABDOMEN", "bile duct", modality="MR", weight=2, contrast="none?"),
    Entry("ercp, 经内镜逆行胰胆管造影, 逆行胰胆管造影, 内镜下逆行胰胆管造影", "ABDOMEN", "bile duct", modality="RF", weight=2, contrast="with"),
    Entry("水成像, 水造影, mr hydrography, hydrography", "", contrast="none?", modality="MR", weight=HINT),
    Entry("enterography, enteroclysis, mr enterography, ct enterography, entero, mre, cte, small bowel, small intestine, small bowel protocol, jejunum, ileum, crohn, crohns, 小肠, 小肠造影成像, ct小肠, 小肠ct, 小肠mr, 小肠成像, 小肠ct造影, ct小肠造影, mr小肠造影, 小肠磁共振造影, 小肠水成像, 肠道cte, 肠道mre, 小肠mre, 小肠cte, enterographie, enteroklyse, enterografia, entero rm, "
          "entero irm, entero ct, enteroscanner, enterotc, dunndarm, jelita cienkiego", "ABDOMEN+PELVIS", "small bowel"),
    Entry("colonography, colonoscopy, virtual colonoscopy, ct colonography, ct colon, ctc, colon, colonic, colorectal, sigmoid, large bowel, sitz marker, sitzmark, 结肠, 仿真结肠镜, 结肠仿真内镜, ct仿真结肠镜, 虚拟结肠镜, 结直肠, 大肠, 肠镜, 结肠癌, 乙状结肠, 结肠传输, 结肠运输, 结肠ct成像, 结肠传输试验, dickdarm, jelita grubego, jelito grube, coloscanner, "
          "coloscopie virtuelle, colonoscopia virtual, colon transit, kolonographie, kolon, 全结肠", "ABDOMEN+PELVIS", "colon"),
    Entry("ct virtual colonoscopy, 仿真结肠镜检查", "ABDOMEN+PELVIS", "colon", modality="CT"),
    # Barium and other fluoroscopy of the gut.
    Entry("upper gi, ugi, upper gi series, gi series, ugi series, barium meal, upper gastrointestinal, 上消化道造影, 上消化道钡餐, 钡餐, 上消化道, 胃肠钡餐, 上消化道气钡双重造影, 胃肠造影, 胃双重对比造影, 全消化道钡餐以外, 上消化道碘水造影, 消化道造影, 胃钡餐, 胃造影, 上消化道双重造影, 胃肠道钡餐, "
          "上胃肠道摄影, 胃透视, 食管胃钡餐, togd, togdo, eed, gastroduodenal, transito gastroduodenal, przewodu pokarmowego, pasaz przewodu pokarmowego, magen darm passage, mdp, 胃肠点片, 消化道钡餐, 胃十二指肠造影, 气钡双重造影, 胃气钡双重造影, 胃x线造影, 上部消化管, 上部消化管造影", "ABDOMEN", "stomach", modality="RF", weight=2, contrast="oral"),
    Entry("barium swallow, esophagram, esophagogram, oesophagram, barium esophagram, 食管造影, 食道造影, 食管钡餐, 食管吞钡, 食道钡餐, 食管钡透, 吞钡, 食道摄影, 食管碘水造影, 食管碘油造影, esofagograma, bariumbreischluck, breischluck, oesophagogramme, 食管吞钡造影, 食管钡剂造影, 食管造影检查, ösophagus breischluck", "CHEST", "oesophagus", modality="RF", weight=2, contrast="oral"),
    Entry("sbft, small bowel follow through, ugi sbft, ugi with small bowel, small bowel series, upper gi small bowel, ugi with sbft, upper gi with small bowel, 全消化道, 全消化道造影, 全消化道钡餐, 小肠钡餐, 小肠造影, 小肠钡剂造影, 小肠插管造影, 小肠灌肠, 小肠气钡造影, 小肠低张造影, transit du grele, transito intestinal, 全消化道钡餐造影, 小肠摄影, 小肠系列", "ABDOMEN+PELVIS", "small bowel", modality="RF", weight=2, contrast="oral"),
    Entry("barium enema, enema, air contrast enema, gastrografin enema, lower gi, lower gi series, contrast enema, 钡灌肠, 结肠造影, 结肠钡灌肠, 下消化道造影, 钡剂灌肠, 大肠摄影, 结肠气钡双重造影, 下消化道, 气钡灌肠, 结肠双重对比造影, 结肠钡剂灌肠, 下消化道摄影, 灌肠造影, 大肠钡剂摄影, 结肠低张气钡双重造影, 钡灌肠造影, 空气灌肠, 气灌肠, lavement baryte, "
          "enema opaco, wlew doodbytniczy, kolonkontrasteinlauf, clisma opaco, kontrasteinlauf, 注肠, 注肠造影, 钡剂灌肠造影, lavement opaque", "ABDOMEN+PELVIS", "colon", modality="RF", weight=2, contrast="oral"),
    Entry("barium, bariumbrei, 钡, 钡剂, 碘水造影, 钡透, gastrografin, 气钡双重, 气钡", "", modality="RF", weight=HINT, contrast="oral"),
    # The aorta as a whole.
    Entry("aorta, aortic, whole aorta, 主动脉, 全主动脉, 大动脉, 主动脉全程, 胸腹主动脉, 主动脉夹层, 夹层, aortic dissection, dissection, 大血管, 胸腹大动脉, entire aorta, thoracoabdominal aorta, thoracic and abdominal aorta, aorty, aorte, aortique, chest abdomen aorta, 胸腹部主动脉, 全程主动脉", "CHEST+ABDOMEN", "aorta", broad=True),
    Entry("胸痛三联, 胸痛三联征, 三合一, triple rule out, tro, 胸痛三联症, 心胸联合, 一站式胸痛", "CHEST+HEART", modality="CT", weight=HINT, contrast="with", angio="1"),
    # Whole body.
    Entry("whole body, wholebody, wb, total body, full body, pan scan, panscan, skull base to thigh, skull base to thighs, skull base to mid thigh, skull base to mid, skull base to mi, skull base to m, skull to thigh, skull to mid thigh, skull to mid, eyes to thighs, eyes to thigh, skull thigh, "
          "vertex to toes, head to toe, skull vertex to feet, brain to thigh, base of skull to thigh, skull base thigh, skull base to midthigh, skull base midthigh, orbit to thigh, polytrauma, trauma whole body, skull base to thi, 全身, 全身部位, 全身体, 体部全身, 颅底至大腿, 颅底到大腿, 颅底至股骨, "
          "躯体全身, 全身体部, 头至股, 颅顶至大腿, 颅底至大腿中段, 颅底至大腿根部, 颅底-股骨上段, 全身各部位, 全身平面, 头顶到脚, 头至足, ganzkorper, corps entier, cuerpo entero, cuerpo completo, calego ciala, corpo inteiro, corpo intero, 全身骨, 全身骨骼, 全躯, 周身, skull base to knees, ganzkorperskelett, total corporel, head to thigh", "WHOLEBODY", mark="whole"),
    Entry("bone scan, bones scan, skeletal scan, bone scintigraphy, bone spect, bone imaging, 骨扫描, 骨显像, 全身骨扫描, 全身骨显像, 骨骼扫描, 骨骼显像, 骨静态显像, 骨三相显像, 三相骨显像, 骨动态显像, 骨断层显像, 骨ect, 全身骨骼扫描, 全身骨骼显像, 骨ect扫描, 骨シンチ, 骨シンチグラフィ, skelettszintigraphie, knochenszintigraphie, scintigraphie osseuse, gammagrafia osea, scyntygrafia kosci, "
          "scyntygrafia kosca, cintilografia ossea, 全身骨骼检查, 骨闪烁", "WHOLEBODY", "bone", modality="NM", weight=2, broad=True),
    Entry("sentinel node, sentinel, lymphoscintigraphy breast, 前哨淋巴结, 前哨淋巴结显像", "BREAST", "sentinel node", modality="NM", weight=HINT, broad=True),
    Entry("淋巴显像, 淋巴造影, 淋巴管造影, lymphangiogram, lymphangiography", "", modality="NM", weight=HINT),
    Entry("i131 whole body, i 131, 碘131, 131i, 全身碘扫描, 碘全身显像, 131碘, iodine whole body, 全身显像, wbc scan, gallium scan, 白细胞显像, indium wbc", "WHOLEBODY", modality="NM", weight=HINT, broad=True),
    Entry("skeletal survey, bone survey, skeletal, osseous survey, metastatic survey, long bone survey, metabolic bone survey, nm bones, bones, bones and spines, 骨骼系统, 全身骨摄影, 全身骨平片, 骨骼普查, 全身骨片, skelettstatus, squelette, serie osea, seriada osea, myeloma survey, myeloma", "WHOLEBODY", "bone", broad=True, modality="XR", weight=HINT),
    Entry("dxa, dexa, bone density, bone mineral density, bmd, bone densitometry, densitometry, 骨密度, 骨密度测定, 骨质密度, 骨密度检查, 双能x线骨密度, 骨密度测量, 骨矿含量, densitometria, densitometria osea, densytometria, osteodensitometrie, osteodensitometrie, densitometrie osseuse, knochendichte, 骨密度检测, 骨质疏松, dxa scan, densitometrie, 骨矿密度, 双能x线", "", "bone density", modality="XR"),
    Entry("body composition, 体成分, 人体成分", "WHOLEBODY", "body composition", modality="XR", weight=HINT, broad=True),
    Entry("tumor imaging, oncology, onco, 肿瘤显像, 肿瘤代谢, 代谢显像, melanoma, lymphoma, 肿瘤全身", "", mark="tumour"),
    Entry("arthrogram, arthrography, arthro, arthrographie, artrografia, 关节造影, 关节腔造影, artro rm, arthro mrt, arthro irm, arthro ct, arthroscanner, artroresonancia, 关节内造影", "", contrast="with", modality="RF", weight=HINT),
)
