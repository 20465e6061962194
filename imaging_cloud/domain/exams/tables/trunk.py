"""Chest, heart, breast, abdomen, pelvis and their vessels; the whole body.

Source: DICOM PS3.16 CID 4 and CID 4031; RSNA Playbook body parts; item names of Chinese public
price catalogues; common usage. Version 2025.1.
"""

from imaging_cloud.domain.exams.entry import HINT, Entry

CHEST = (
    Entry("thoracic, dorsal", "CHEST", mark="thoracic"),
    Entry(
        "chest, chests, thorax, thoraic, chst, chset, thx, mediastinum, mediastinal, pleura, pleural, hilum, hilar, intrathoracic, 胸, 胸部, 胸腔, 胸廓, 胸壁, 纵隔, 胸膜, 肺门, "
        "胸水, 胸腔积液, 胸腔积水, 胸骨后, 胸膜腔, 胸片, 胸正位, 胸正侧位, 胸部正位, 上胸部, 前胸壁, klatki piersiowej, klatka piersiowa, klp, kl piersiowej, kl p, torax, poitrine, thoracique, torace, "
        "brustkorb, thoraxorgane, pecho, tx thorax, pleural effusion, thoracentesis, 縦隔, 胸郭, 横膈, 膈肌, diaphragm, 胸肺, 心肺, klatke piersiowa, lungenaufnahme, 胸大肌, pectoralis, 胸片正位",
        "CHEST",
    ),
    Entry("lung, lungs, pulmonary, bronchial, bronchus, lung nodule, lung mass, pulmonary nodule, parenchyma lung, 肺, 肺部, 全肺, 肺脏, 肺结节, 肺小结节, 肺野, 肺癌, 肺功能, 支气管, 气管支气管, 肺间质, 尘肺, 矽肺, lunge, lungen, pluc, pluca, "
          "poumon, poumons, pulmon, pulmones, polmone, pulmao, 肺尖, 肺叶, 肺段, 肺移植, 肺结核, 肺气肿", "CHEST", "lung"),
    Entry("trachea, airway, airways, tracheal, 气管, 气道, 主支气管", "CHEST", "trachea"),
    Entry("esophagus, oesophagus, esophageal, 食管, 食道, 食管癌, speiserohre, przelyku, przelyk, oesophage, esofago", "CHEST", "oesophagus"),
    Entry("thymus, 胸腺", "CHEST", "thymus"),
    Entry("rib, ribs, rib cage, 肋骨, 肋, 肋软骨, 肋弓, 肋部, 单侧肋骨, 肋骨斜位, rippen, zeber, zebra, cotes, costillas, gril costal, parrilla costal, coste, 膈上肋骨, 膈下肋骨", "CHEST", "rib"),
    Entry("sternum, sternal, sternoclavicular, sternoclavicular joint, sternoclavicular joints, sc joint, sc joints, 胸骨, 胸锁关节, 胸骨侧位, 剑突, mostka, mostek, brustbein, esternon", "CHEST", "sternum"),
    Entry("pulmonary embolism, pulmonary embolus, pe, embolus, pe protocol, pulmonary embolism protocol, 肺栓塞, 肺动脉栓塞, embolie pulmonaire, lungenembolie, zatorowosc plucna, tep pulmonar, tromboembolismo pulmonar, le protokoll",
          "CHEST", "pulmonary embolism", contrast="with", angio="1", only="CT MR"),
    Entry("ctpa, ctpe, ct pe, pecta, cta pe, 肺动脉cta, ct肺动脉造影, 肺动脉ct血管成像, angioct pulmonar, angio tc pulmonar", "CHEST", "pulmonary embolism", modality="CT", contrast="with", angio="1"),
    Entry("肺动脉, 肺血管, 肺动静脉, 肺动脉造影, pulmonary artery, pulmonary arteries, arteres pulmonaires, arteria pulmonar", "CHEST", "pulmonary artery"),
    Entry("肺静脉, pulmonary vein, pulmonary veins", "CHEST", "pulmonary vein"),
    Entry("支气管动脉, bronchial artery, bronchial arteries", "CHEST", "bronchial artery"),
    Entry("胸主动脉, 主动脉弓, 升主动脉, 降主动脉, thoracic aorta, aortic arch, ascending aorta, chest aorta, aorta thoracic, aorta thoracica, aorte thoracique, 主动脉根部, aortic root", "CHEST", "aorta"),
    Entry("subclavian, subclavian artery, subclavian vein, superior vena cava, svc, thoracic outlet, 锁骨下动脉, 锁骨下静脉, 上腔静脉, 胸廓出口, 胸廓出口综合征", "CHEST"),
    Entry("肋间, intercostal", "CHEST"),
    Entry("v q, vq, v q scan, vq scan, ventilation, lung perfusion, ventilation perfusion, 肺通气, 肺通气灌注, 肺灌注, 肺通气显像, 肺灌注显像, 肺通气灌注显像", "CHEST", "lung", modality="NM", weight=HINT),
)

HEART = (
    Entry("heart, cardiac, card, cardio, myocardial, myocardium, pericardium, pericardial, mitral, atrial fibrillation, congenital heart, valve, valves, tavr, tavi, left ventricle, ventricular, 心, 心脏, 心肌, 心包, 心房, 心室, 心腔, 心功能, "
          "心脏大血管, 心脏彩色多普勒, 心瓣膜, 二尖瓣, 主动脉瓣, 先心病, 先天性心脏病, 心超, 心脏功能, 心包积液, 心内膜, herz, serca, serce, coeur, corazon, cardiaca, cardiaque, kardio, coracao, cuore, heart failure, 心血管, cardiovascular, cardiomyopathy",
          "HEART"),
    Entry("左心房, 右心房, 左心室, 右心室, 左心, 右心, 左心耳, 左室, 右室, 左房, 右房, 左心功能, 右心功能, 左心声学造影, 右心声学造影, 左心系统, 左心腔, 右心腔, left atrium, right atrium, left ventricle, right ventricle, "
          "left atrial, right atrial, left atrial appendage, left heart, right heart, laa, left ventricular, right ventricular, lewego przedsionka, 左心室腔, 右心导管, 左心导管, 左室造影, 右室造影, 左心室造影, 左冠, 右冠", "HEART"),
    Entry("lhc, rhc, left heart cath, right heart cath, left heart catheterization, right heart catheterization, lhc rhc", "HEART", modality="XA", contrast="with", angio="1"),
    Entry("心脏超声, 超声心动图, 心动图, 心脏彩超, 心脏彩色多普勒超声, 心超检查, 胎儿心脏以外, 心彩超, 经食管超声心动图, 经胸超声心动图, 食道超声, 经食道超声, echo heart, transthoracic, transthoracic echo, transesophageal, transesophageal echo, stress echo, "
          "心脏声学造影, echocardiogram complete, 心脏b超, 心臓超音波, 心エコー, echo serca, tte echo, echokardiographie", "HEART", modality="US"),
    Entry("右心声学造影, 右心超声造影, 左心声学造影, 左心超声造影, 心肌声学造影, bubble study, 发泡试验, 右心发泡, 左室声学造影, 声学造影右心", "HEART", modality="US", contrast="with"),
    Entry("coronary, coronaries, coronary artery, coronary arteries, cors, coronary vessels, 冠脉, 冠状动脉, 冠动脉, 冠状动脉支架, 冠, koronar, koronarne, wiencowe, tetnic wiencowych, naczyn wiencowych, coronaire, coronaires, coronarias, coronaria, 冠脉支架, 心脏冠脉, 心脏冠状动脉, 心冠", "HEART", "coronary"),
    Entry("ccta, cta coronary, coronary cta, coronary ct angio, 冠脉cta, 冠状动脉cta, 冠脉ct, 冠状动脉ct, 冠脉ctA, 心脏cta, 冠脉ct成像, koronar ct, coroscanner, coroct", "HEART", "coronary", modality="CT", contrast="with", angio="1"),
    Entry("冠脉造影, 冠状动脉造影, 冠造, 冠脉造影术, 冠状动脉造影术, 选择性冠脉造影, coronary angiogram, coronary angiography, koronarographie, koronarografia, coronarographie, coronariografia, cag, 冠状动脉内, pci, ptca, 冠脉介入, 冠脉支架植入, 经皮冠状动脉",
          "HEART", "coronary", modality="XA", weight=2, contrast="with", angio="1"),
    Entry("calcium score, calcium scoring, ca score, cac, cacs, coronary calcium, coronary calcium score, heart scan, ca scoring, 钙化积分, 冠脉钙化积分, 冠状动脉钙化积分, 钙化评分, 冠脉钙化评分, 冠状动脉钙化, 冠脉钙化, 钙化积分平扫, calscore, score calcique, agatston, 钙积分, kalkscoring, 冠状动脉钙化评分", "HEART", "coronary", modality="CT", weight=2, contrast="none!"),
    Entry("muga, mibi, myocardial perfusion, myocardial perfusion imaging, thallium, nuclear stress, cardiolite, lexiscan, stress rest, 心肌灌注, 心肌灌注显像, 心肌显像, 心肌代谢, 门控心肌, 心血池, 门控心血池, 心肌断层显像, 心功能显像, 心肌spect, pyp, 淀粉样变心肌", "HEART", "myocardium", modality="NM", weight=HINT),
)

BREAST = (
    Entry("implant, implants", "BREAST", only="MG"),
    Entry("breast, breasts, mammary, brst, nipple, 乳, 乳腺, 乳房, 乳头, 乳癌, 乳腺癌, 乳房假体, 假体, brust, mamma, mammae, mama, mamas, sein, seins, piersi, piers, mammella, 乳部, 胸乳, 副乳, mastectomy", "BREAST"),
    Entry("mammo, mammogram, mammograms, mammography, mammographic, mam, mamm, mammogr, mmg, mammografia, mammographie, mamografia, mamo, mamographie, ffdm, combohd, tomohd, tomo hd, combo hd, 钼靶, 乳腺钼靶, 乳腺x线, 乳腺x线摄影, 乳腺摄影, 乳腺dr, 乳房摄影, 乳腺x线检查, 乳房x光, 乳房x线, 乳腺钼靶片, 钼靶摄片, 钼靶摄影, 钼靶x线, 乳钼靶, "
          "マンモグラフィ, 乳房x光摄影, xmammo, 乳腺数字化摄影", "BREAST", modality="MG"),
    Entry("dbt, tomosynthesis, breast tomosynthesis, tomo, breast tomo, 乳腺断层, 乳腺三维断层, 断层融合, 乳腺断层合成, 体层合成", "BREAST", modality="MG", weight=2, only="MG ?"),
    Entry("cesm, cedm, cem, contrast mammography, contrast enhanced mammography, contrast mammogram, contrast enhanced spectral mammography, 对比增强乳腺x线, 能谱乳腺, 对比增强能谱乳腺, 增强钼靶, 对比增强乳腺, 乳腺对比增强", "BREAST", modality="MG", contrast="with"),
    Entry("ductogram, ductography, galactogram, galactography, galactographie, 乳管造影, 乳腺导管造影, 乳导管造影, 导管造影乳腺", "BREAST", "breast duct", modality="MG", weight=2, contrast="with"),
    Entry("mlo, cc mlo, xccl, cc view, cc + mlo, spot compression, spot mag, magnification view, magnification views, cview, c view", "BREAST", modality="MG", weight=HINT, only="MG ?"),
    Entry("abus, 全自动乳腺, 乳腺全容积, breast ultrasound automated", "BREAST", modality="US"),
    Entry("ispy, ispy2, i spy, i spy2, vibrant, breast mri, bi rads, birads", "BREAST", mark="guess"),
    Entry("stereotactic breast, stereo breast, breast stereo, stereotactic bx, stereotactic core, stereo bx, 乳腺立体定位, 乳腺定位穿刺, 乳腺导丝定位, 乳腺导丝定位术, needle loc, needle localization, wire loc, wire localization, seed localization, savi scout, breast localization, 乳腺钢丝定位, 乳腺x线定位, 乳房定位", "BREAST", modality="MG", weight=HINT, purpose="guidance"),
)

ABDOMEN = (
    Entry("abdomen, abdominal, abd, abdo, abdom, abdome, abdoman, adbomen, abdmoen, adomen, upper abdomen, upper abd, abd upper, upper abdominal, ruq, luq, right upper quadrant, left upper quadrant, intraabdominal, intra abdominal, flat plate, peritoneum, retroperitoneum, retroperitoneal, abdominal wall, abdomen limited, "
          "腹, 腹部, 上腹, 上腹部, 中腹, 中腹部, 中上腹, 中上腹部, 上中腹, 上中腹部, 腹腔, 腹膜, 腹膜后, 腹壁, 后腹膜, 右上腹, 左上腹, 腹部脏器, 腹部大血管以外, 腹水, 腹腔积液, 腹部器官, 消化系, 消化系统, 消化道, 肠道积气, abdomens, bauch, oberbauch, abdomenubersicht, jamy brzusznej, j brzusznej, "
          "jama brzuszna, brzucha, brzuch, brzuszna, j brzusz, brzusz, jamy brzusz, abdominale, abdominalna, ventre, abdominopelvien haut, vientre, addome, abdomino, epigastrio, nadbrzusza, 腹部包块, 剑突下, oberbauchsonographie, hypochondrium", "ABDOMEN"),
    Entry("axr, acute abdomen, acute abdominal series, abd series, obstruction series, abdominal series, flat and upright, 腹平片, 腹部平片, 腹部立位, 腹部卧位, 腹部立卧位, 立位腹平片, 卧位腹平片, 腹立位, 立位腹部, abdomen flat, abdomen upright, supine abdomen, asp, 腹部立位片", "ABDOMEN", modality="XR", weight=HINT),
    Entry("liver, hepatic, hepat, 肝, 肝脏, 肝脏占位, 肝癌, 肝区, 肝血管瘤, leber, watroby, watroba, foie, higado, fegato, figado, 肝硬化, 肝移植, liver transplant, hcc, 肝特异性, primovist, eovist, hepatobiliary, 肝胆, 肝臓, 肝脏普美显", "ABDOMEN", "liver"),
    Entry("gallbladder, gall bladder, gb, 胆, 胆囊, 胆系, 胆道系统, 胆囊功能, 胆嚢, gallenblase, pecherzyka, vesicule, vesicula", "ABDOMEN", "gallbladder"),
    Entry("bile duct, bile ducts, biliary, cholangiogram, cholangio, 胆管, 胆道, 胆总管, drogi zolciowe, drog zolciowych, voies biliaires, via biliar, vias biliares, gallenwege, 胆管系统, 胰胆管", "ABDOMEN", "bile duct"),
    Entry("pancreas, pancreatic, pancreatitis, 胰, 胰腺, 胰腺炎, 膵, 膵臓, 胰脏, pankreas, trzustki, trzustka, pancreatico, 胰腺癌, pancreas protocol", "ABDOMEN", "pancreas"),
    Entry("spleen, splenic, 脾, 脾脏, 脾臓, milz, sledziony, bazo", "ABDOMEN", "spleen"),
    Entry("肝胆胰脾, 肝胆脾胰, 肝胆脾, 肝胆胰, 肝、胆、胰、脾, 肝胆胰脾肾, 肝胆胰脾双肾, 肝胆胰脾肾上腺, 肝脾, 肝胆胰脾双肾上腺, 肝、胆、脾、胰, 肝胆胰脾及双肾, 腹部肝胆胰脾, liver pancreas, 肝胆系, 肝胆胰腺脾, 胰脾, 肝胆胰脾彩超", "ABDOMEN", mark="many"),
    Entry("kidney, kidneys, renal, nephro, 肾, 肾脏, 肾区, 肾臓, 肾盂, 移植肾区以外, niere, nieren, nerki, nerek, rein, reins, rinon, rinones, rene, reni, rins, renale, nephrostogram, renal mass, 肾周, 肾实质, 肾功能", "ABDOMEN", "kidney"),
    Entry("移植肾, renal transplant, transplant kidney, kidney transplant, 移植肾脏", "PELVIS", "kidney transplant"),
    Entry("adrenal, adrenals, adrenal gland, adrenal glands, 肾上腺, 肾上腺区, 副肾, nadnerczy, nadnercza, surrenale, surrenales, suprarrenal, suprarrenales, nebenniere, nebennieren", "ABDOMEN", "adrenal"),
    Entry("stomach, gastric, duodenum, duodenal, 胃, 胃部, 胃癌, 十二指肠, 胃壁, 胃食管, magen, zoladka, estomac, estomago, stomaco", "ABDOMEN", "stomach"),
    Entry("appendix, appendicitis, appendiceal, 阑尾, 阑尾炎, 回盲部, 虫垂, appendice, apendice, wyrostka", "ABDOMEN", "appendix"),
    Entry("pylorus, pyloric, pyloric stenosis, 幽门, 贲门, 肠套叠, intussusception, 肠系膜, mesenteric, mesentery, 胃肠, 胃肠道, 肠道, 肠管, 肠, bowel, gi tract, 肠梗阻, 胃肠超声, 消化道出血, meckel, meckels, 美克尔憩室, gi bleed, gastrointestinal", "ABDOMEN"),
    Entry("腹主动脉, 腹部大血管, 腹部血管, 腹腔动脉, 腹腔干, 腹部主动脉, abdominal aorta, aaa, aorta abdominal, aorta abdominalis, aorty brzusznej, aorte abdominale, abd aorta, aortic aneurysm, evar, 腹部动脉, 腹部静脉, triple a, bauchaorta", "ABDOMEN", "aorta"),
    Entry("肾动脉, 肾血管, 肾静脉, 肾动静脉, renal artery, renal arteries, renal vein, renal arterial, nierenarterien, tetnic nerkowych, arteres renales, 左肾静脉, 胡桃夹", "ABDOMEN", "renal artery"),
    Entry("门静脉, 门脉, 门静脉系统, 肝静脉, 肝血管, 肝动脉, 门脾静脉, 下腔静脉, 肠系膜上动脉, 肠系膜动脉, 肠系膜血管, 肠系膜静脉, 脾动脉, 脾静脉, 胃左动脉, 肝门静脉, 布加综合征, portal vein, portal venous system, hepatic artery, hepatic vein, hepatic veins, inferior vena cava, "
          "ivc, celiac, mesenteric vessels, mesenteric artery, mesenteric ischemia, portal hypertension, liver doppler", "ABDOMEN", "abdominal vessels"),
    Entry("tips, tipss", "ABDOMEN", "liver", modality="XA", weight=HINT, contrast="with", angio="1", purpose="guidance"),
    Entry("gastric emptying, hida, hepatobiliary scan, hida scan, mag3, dmsa, dtpa, lasix renogram, renogram, renography, liver spleen scan, mibg, octreotide, octreoscan, "
          "肾动态, 肾动态显像, 肾静态, 肾静态显像, 肾图, 胃排空, 胃排空显像, 肝胆动态, 肝胆显像, 肝胆动态显像, 异位胃黏膜, 异位胃粘膜, 肾小球滤过率, gfr, 消化道出血显像, 利尿肾动态, 肝脾显像, 肾上腺髓质", "ABDOMEN", modality="NM", weight=HINT),
)

PELVIS = (
    Entry("pelvis, pelvic, plvs, plv, pelv, pel, pelvs, pevlis, bony pelvis, lower abdomen, lower abd, inguinal, groin, hernia, perineum, perineal, perianal, pubis, pubic, symphysis, ischium, ilium, iliac, buttock, gluteal, gluteus, "
          "盆, 盆腔, 骨盆, 盆部, 骨盆腔, 盆底, 下腹, 下腹部, 腹股沟, 腹股沟区, 会阴, 会阴部, 耻骨, 耻骨联合, 坐骨, 髂骨, 臀部, 臀, 臀肌, 左下腹, 右下腹, 盆腔脏器, 髂窝, 骨盘, 骨盤腔, 小骨盆, 梨状肌, 坐骨神经, 疝气, 疝, 盆腔器官, becken, unterbauch, beckenubersicht, miednicy, miednica, "
          "miednicy mniejszej, miednica mniejsza, bassin, pelvien, pelvienne, pelvico, pelvica, bacia, bacino, rlq, llq, right lower quadrant, left lower quadrant, leiste, podbrzusza, pachwiny, pachwin, sacroischial, pelvic floor", "PELVIS"),
    Entry("bladder, urinary bladder, 膀胱, 膀胱残余尿, 膀胱壁, harnblase, pecherza, pecherz, vessie, vejiga, bexiga, vescica, post void residual, pvr", "PELVIS", "bladder"),
    Entry("prostate, prostatic, 前列腺, 精囊, 精囊腺, 摄护腺, prostata, prostaty, gruczolu krokowego, prostate gland, 前立腺, seminal vesicles, 前列腺精囊腺, pirads, pi rads, prost", "PELVIS", "prostate"),
    Entry("uterus, uterine, endometrium, endometrial, cervix, cervix uteri, fibroid, fibroids, gyn, gynecology, gynecologic, gynaecological, transvaginal, endovaginal, tv, tvus, vagina, vaginal, vulva, myometrium, 子宫, 子宫附件, 宫颈, 子宫颈, 子宫内膜, 妇科, 子宫双附件, 附件, 双附件, 子宫及附件, 子宫卵巢, "
          "阴道, 外阴, 宫腔, 输卵管, 子宫肌瘤, 妇产科, 妇女, 子宫输卵管, gebarmutter, macicy, macica, szyjki macicy, utero, uterina, utera, ginekologiczne, narzadu rodnego, iud, 节育环, 宫内节育器, 经阴道, 环位", "PELVIS", "uterus"),
    Entry("ovary, ovaries, ovarian, adnexa, adnexal, 卵巢, 卵泡, 卵泡监测, 排卵监测, jajnikow, eierstock, follicle, follicles, follicular, 排卵", "PELVIS", "ovary"),
    Entry("rectum, rectal, anal, anus, anorectal, anal canal, 直肠, 肛管, 肛门, 肛周, 直肠癌, 直肠肛管, 肛门直肠, rektum, odbytnicy, odbytu, recto, retto, 肛提肌, endorectal, transrectal, trus", "PELVIS", "rectum"),
    Entry("anal fistula, perianal fistula, fistula in ano, 肛瘘, 肛周瘘管, 肛周脓肿", "PELVIS", "anal fistula"),
    Entry("scrotum, scrotal, testicle, testicles, testicular, testis, testes, penis, penile, epididymis, 阴囊, 睾丸, 附睾, 阴茎, 精索, 精索静脉, 睾丸附睾, 隐睾, 精索静脉曲张, hoden, mosznы, jader, moszny, scrotale, testicules, testiculo, penile doppler, 外生殖器, 生殖器", "PELVIS", "scrotum"),
    Entry("髂动脉, 髂血管, 髂静脉, 髂内动脉, 髂总静脉, 盆腔血管, 盆腔静脉, 子宫动脉, iliac artery, iliac arteries, iliac vein, iliac veins, pelvic vessels, pelvic veins, uterine artery, 前列腺动脉, prostate artery, 髂外动脉", "PELVIS", "pelvic vessels"),
    Entry("ob, obstetric, obstetrical, obstetrics, pregnancy, pregnant, fetal, fetus, foetal, foetus, gravid, nuchal, nuchal translucency, nt scan, anatomy scan, biophysical profile, bpp, placenta, first trimester, second trimester, third trimester, obgyn dating, ob limited, 产科, 胎儿, 早孕, 中孕, 晚孕, 孕, 妊娠, 胎盘, "
          "中孕期, 早孕期, 晚孕期, 产检, 产前, 大排畸, 排畸, nt检查, 双胎, 多胎, 脐血流, 胎儿系统, 胎儿心脏, 胎儿超声, 胎儿颅脑, 胎儿四维, 四维排畸, 产前超声, 系统产科, 胎心, 胎儿磁共振, 孕囊, 妊娠子宫, 宫内早孕, fetal echo, fetal heart, fetal brain, fetal mri, mri fetal, ciazy, ciaza, schwangerschaft, geburtshilfe, embarazo, "
          "grossesse, obstetricale, obstetrica, obstetrico, feto, fetal survey, 孕中期, 孕早期, 孕晚期, 羊水, 双胞胎, 胎儿nt, 胎位, 产后子宫, 孕妇", "PELVIS", "fetus"),
    Entry("hsg, hysterosalpingogram, hysterosalpingography, 子宫输卵管造影, 输卵管造影, 子宫造影, 输卵管碘油造影, histerosalpingografia, hysterosalpingographie, 输卵管通液造影", "PELVIS", "uterus", modality="RF", weight=2, contrast="with"),
    Entry("sonohysterogram, sonohysterography, hysterosonogram, saline infusion sonohysterogram, hycosy, 子宫输卵管超声造影, 输卵管超声造影, 宫腔声学造影, 四维输卵管造影", "PELVIS", "uterus", modality="US", contrast="with"),
    Entry("cystogram, cystography, cystourethrogram, voiding cystourethrogram, vcug, mcug, vcu, urethrogram, urethrography, rug, retrograde urethrogram, 膀胱造影, 尿道造影, 膀胱尿道造影, 排尿性膀胱尿道造影, 排泄性膀胱尿道造影, 逆行尿道造影, 排尿期膀胱尿道造影, 逆行膀胱造影, 精囊造影, "
          "cystographie, cistografia, cistouretrografia, mikcyjna cystouretrografia, 膀胱尿道", "PELVIS", "bladder", modality="RF", weight=2, contrast="with"),
    Entry("defecography, defecogram, evacuation proctogram, proctogram, mr defecography, 排粪造影, 排便造影, 排粪造影检查, defekographie, 动态排粪", "PELVIS", "rectum", modality="RF", weight=2, contrast="oral"),
    Entry("fistulography, sinogram, 瘘管造影, 窦道造影, t管造影, t tube cholangiogram, t型管造影, 经t管胆道造影, 经t管造影, t管胆道造影, loopogram", "", modality="RF", weight=2, contrast="with"),
)
