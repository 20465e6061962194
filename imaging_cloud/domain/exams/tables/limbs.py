"""Shoulders to fingers, hips to toes, and their vessels.

Source: DICOM PS3.16 CID 4 and CID 4031; RSNA Playbook body parts; common usage. Version 2025.1.
"""

from imaging_cloud.domain.exams.entry import HINT, Entry

TERMS = (
    Entry(
        "shoulder, shoulders, glenohumeral, rotator cuff, glenoid, 肩, 肩部, 肩关节, 肩袖, 肩峰, 肱盂关节, 盂肱关节, 冈上肌, schulter, schultergelenk, "
        "epaule, epaules, hombro, hombros, barku, bark, barki, stawu barkowego, staw barkowy, ombro, spalla, 肩甲关节, 肩关节囊, "
        "冈上肌出口位, 冈上肌出口, ramienny staw",
        "SHOULDER",
    ),
    Entry(
        "scapula, scapulae, scapular, shoulder blade, 肩胛骨, 肩胛, 肩胛部, 肩甲骨, lopatki, omoplate, escapula, schulterblatt",
        "SHOULDER",
        "scapula",
    ),
    Entry(
        "clavicle, clavicles, clavicular, collar bone, collarbone, 锁骨, obojczyka, obojczyk, clavicule, "
        "clavicula, schlusselbein, 锁骨远端",
        "SHOULDER",
        "clavicle",
    ),
    Entry(
        "ac joint, ac joints, acromioclavicular, acromioclavicular joint, acromioclavicular joints, 肩锁关节, 肩锁",
        "SHOULDER",
        "acromioclavicular joint",
    ),
    Entry("armpit, axilla, axillae, axillary node, axillary nodes, 腋窝, 腋下, 腋窝淋巴结, 腋下淋巴结, 腋淋巴结", "CHEST", "axilla", mark="paired", broad=True),
    Entry(
        "humerus, humeri, humeral, upper arm, arm, arms, 肱骨, 上臂, 上膊, oberarm, ramienia, "
        "kosci ramiennej, humero, bras, brazo, 肱骨干, 上腕, 上腕骨, 肱骨近端, 肱骨中段",
        "ARM",
        "humerus",
    ),
    Entry(
        "forearm, forearms, radius, ulna, radius ulna, radius and ulna, radius + ulna, tib fib arm, 前臂, 尺桡骨, 桡骨, 尺骨, 桡尺骨, 前膊, "
        "unterarm, przedramienia, przedramie, avant bras, antebrazo, antebraco, avambraccio, 桡骨头上段, 前腕",
        "ARM",
        "forearm",
    ),
    Entry(
        "elbow, elbows, olecranon, radial head, 肘, 肘部, 肘关节, 尺骨鹰嘴, 鹰嘴, 桡骨小头, 桡骨头, 肱骨髁上, 肱骨远端, 肱骨髁, ellenbogen, ellenbogengelenk, "
        "coude, coudes, codo, codos, lokcia, lokiec, stawu lokciowego, staw lokciowy, cotovelo, gomito",
        "ELBOW",
    ),
    Entry(
        "wrist, wrists, carpal, carpals, carpus, distal radius, tfcc, drujs, druj, 腕, 腕部, 腕关节, 腕骨, 桡骨远端, 尺桡骨远端, 下尺桡关节, 桡腕关节, 三角纤维软骨, "
        "handgelenk, handgelenke, handwurzel, poignet, poignets, muneca, munecas, nadgarstka, nadgarstek, "
        "nadgarstki, punho, polso, 手关节, 手腕, 手腕关节, carpal tunnel, 腕管, 尺骨茎突, 远端尺桡骨, stawu promieniowo nadgarstkowego",
        "WRIST",
    ),
    Entry("scaphoid, scaphoids, navicular wrist, 舟骨, 腕舟骨, 手舟骨, 手舟状骨, kosci lodeczkowatej, scaphoide", "WRIST", "scaphoid"),
    Entry("足舟骨, 足舟状骨, navicular foot, foot navicular", "FOOT", "navicular"),
    Entry(
        "hand, hands, metacarpal, metacarpals, metacarpus, 手, 手部, 手掌, 掌骨, 手骨, 掌指关节, 掌指骨, 掌部, 手正斜, 手正斜位, mittelhand, hande, la main, irm main, radio main, main gauche radio, mains, "
        "mano, manos, dloni, dlon, reki, reka, dlonie, mao, maos, mani, 手指关节",
        "HAND",
    ),
    Entry(
        "finger, fingers, thumb, thumbs, digit, digits, phalanx hand, phalanges hand, 手指, 拇指, 食指, 示指, 中指, 环指, 小指, 指骨, 指, 指间关节, 无名指, "
        "大拇指, 第一掌骨, palca reki, palec, palca, palce, doigt, doigts, dedo, dedos, daumen, pouce, pulgar, kciuk, 第二指, ring finger, index finger, "
        "middle finger, little finger, pinky, 5th finger, 母指, 手指骨",
        "HAND",
        "finger",
    ),
    Entry("bone age, boneage, 骨龄, 骨龄测定, 骨龄片, knochenalter, wiek kostny, age osseux, edad osea, 骨年龄, 骨龄检测, 骨龄摄片, 骨龄评估", "HAND", "bone age", modality="XR", weight=HINT, broad=True),
    Entry(
        "hip, hips, 髋, 髋部, 髋关节, 股骨头, 股骨颈, 髋臼, 髋骨关节, 股骨粗隆, 股骨粗隆间, 股骨近端, 股骨上段, 粗隆, 股骨转子间, huft, hufte, huftgelenk, huften, femoral neck, femoral head, "
        "acetabulum, acetabular, hanche, hanches, cadera, caderas, biodra, biodro, stawu biodrowego, "
        "stawow biodrowych, staw biodrowy, biodrowego, stawy biodrowe, quadril, anca, 股关节, proximal femur, femoroacetabular, 人工髋关节, 髋臼骨, 大转子, trochanter",
        "HIP",
    ),
    Entry(
        "thigh, thighs, femur, femurs, femora, femoral, 大腿, 股骨, 股部, 股骨干, 股骨中段, 股骨全长, oberschenkel, cuisse, cuisses, muslo, muslos, "
        "uda, udo, kosci udowej, udowej, femorale, coxa, coscia, hamstring, hamstrings, quadriceps, 股四头肌, 大腿肌肉, femur diaphysis, 大腿部",
        "THIGH",
    ),
    Entry(
        "knee, knees, acl, meniscus, menisci, 膝, 膝部, 膝关节, 半月板, 交叉韧带, 前交叉韧带, 后交叉韧带, 腘窝, 股骨远端, 股骨下段, 胫骨平台, 胫骨近端, 膝盖, knie, kniegelenk, "
        "kniegelenke, genou, genoux, rodilla, rodillas, kolana, kolano, kolan, stawu kolanowego, staw kolanowy, stawow kolanowych, kolanowego, "
        "joelho, joelhos, ginocchio, popliteal fossa, popliteal, tibial plateau, distal femur, 股骨髁, 膝关节腔",
        "KNEE",
    ),
    Entry("patella, patellae, patellar, kneecap, patellofemoral, 髌骨, 髌股关节, 髌, 髌韧带, 膝盖骨, kniescheibe, rotule, rzepki, rotula, 膑骨", "KNEE", "patella"),
    Entry(
        "lower leg, lower legs, leg, legs, tibia, fibula, tibia fibula, tibia and fibula, tibia + fibula, tib fib, tibfib, tib + fib, calf, calves, shin, "
        "小腿, 胫腓骨, 胫骨, 腓骨, 腓肠肌, 胫腓骨全长, 小腿部, 下腿, 下腿骨, unterschenkel, jambe, jambes, pierna, piernas, podudzia, podudzie, goleni, golen, perna, gamba, "
        "kosci piszczelowej, 小腿肌肉, 胫骨中段, 胫骨中下段",
        "LEG",
    ),
    Entry(
        "ankle, ankles, talus, tibiotalar, malleolus, syndesmosis, 踝, 踝部, 踝关节, 内踝, 外踝, 内外踝, 距骨, 胫距关节, 下胫腓, 下胫腓联合, 踝穴, 三踝, 双踝关节, 脚踝, 足踝关节, 胫骨远端, "
        "sprunggelenk, oberes sprunggelenk, osg, cheville, chevilles, tobillo, tobillos, stawu skokowego, skokowego, "
        "staw skokowy, kostki, tornozelo, caviglia, 足关节, 脚踝关节, 裸关节, ankle mortise",
        "ANKLE",
    ),
    Entry("achilles, achilles tendon, 跟腱, 跟腱区", "ANKLE", "achilles tendon"),
    Entry(
        "foot, feet, midfoot, forefoot, hindfoot, metatarsal, metatarsals, tarsal, tarsals, tarsus, subtalar, lisfranc, 足, 足部, 足骨, 脚, 脚部, 足底, 跖骨, 跗骨, 距下关节, 跖趾关节, "
        "足弓, 足背, 双足负重, 楔骨, 骰骨, 跖跗关节, 足掌, fuss, fusse, mittelfuss, vorfuss, ruckfuss, pied, pieds, pie, pies, stopy, stopa, stopy prawej, "
        "piede, piedi, 足副舟骨, 副舟骨, plantar fascia, 跖筋膜, 足跟部, 扁平足, sesamoid, sesamoids, 籽骨",
        "FOOT",
    ),
    Entry("足踝, 足踝部, 踝足, 踝足部, foot and ankle, foot ankle, ankle foot, ankle and foot, ankle + foot, foot + ankle, 脚踝足", "ANKLE+FOOT"),
    Entry("calcaneus, calcanei, calcaneal, os calcis, heel, heels, 跟骨, 足跟, 跟骨结节, 跟骨轴位, fersenbein, fersenbeine, ferse, calcaneum, calcaneo, pietowej, kosci pietowej, 踵骨", "FOOT", "calcaneus"),
    Entry("toe, toes, hallux, great toe, big toe, 足趾, 脚趾, 趾骨, 趾, 拇趾, 踇趾, 大脚趾, 趾间关节, zehe, zehen, orteil, orteils, palca stopy, palcow stopy, 拇外翻, 踇外翻, 第一跖趾, bunion", "FOOT", "toe"),
    Entry("phalanx, phalanges, 指趾骨", "HAND", broad=True),
    # A whole limb gives way to any joint named with it.
    Entry(
        "lower extremity, lower extremities, lower limb, lower limbs, lower ext, low ext, lower extrem, le, lext, 下肢, 下肢部, 腿, 腿部, untere extremitat, beine, bein, "
        "konczyny dolnej, konczyn dolnych, konczyna dolna, konczyny dolne, membre inferieur, membres inferieurs, extremidad inferior, miembro inferior, "
        "miembros inferiores, extremidades inferiores, membros inferiores, arti inferiori, 下肢骨",
        "THIGH+KNEE+LEG",
        broad=True,
    ),
    Entry(
        "上肢, 上肢部, upper extremity, upper extremities, upper limb, upper limbs, upper ext, upper extrem, ue, uext, 胳膊, obere extremitat, konczyny gornej, "
        "konczyn gornych, konczyna gorna, membre superieur, membres superieurs, extremidad superior, miembro superior, miembros superiores, extremidades superiores, membros superiores, 上肢骨",
        "ARM+ELBOW",
        broad=True,
    ),
    Entry(
        "下肢动脉, 下肢静脉, 下肢血管, 下肢深静脉, 下肢动静脉, 下肢浅静脉, 下肢大隐静脉, 大隐静脉, 腘动脉, 股动脉, 股静脉, 下肢静脉瓣, 下肢静脉曲张, 股腘动脉, 小隐静脉, 下肢深浅静脉, "
        "lower extremity arteries, lower extremity veins, lower extremity vessels, saphenous, saphenous vein, femoral artery, venous insufficiency, varicose veins, "
        "lower extremity venous, lower extremity arterial, le venous, le arterial, leg veins, beinvenen, beinarterien, ven leg, varices, zyl konczyn dolnych, femoropopliteal",
        "THIGH+KNEE+LEG",
    ),
    Entry("dvt, deep vein thrombosis, deep venous thrombosis, 深静脉血栓, thrombose veineuse, tvp", "THIGH+KNEE+LEG", "deep vein thrombosis", broad=True),
    Entry("upper extremity dvt, 上肢动脉, 上肢静脉, 上肢血管, 上肢深静脉, 上肢动静脉, upper extremity veins, upper extremity arteries, upper extremity venous, upper extremity arterial, 桡动脉, 肱动脉, "
          "头静脉, radial artery, brachial artery, 前臂血管, 动静脉内瘘, 动静脉瘘, 内瘘, av fistula, avf, dialysis fistula, fistulogram, fistulagram, hemodialysis access, 透析通路", "ARM+ELBOW", broad=True),
    Entry("四肢动脉, 四肢血管, 四肢静脉, 四肢, 四肢长骨, 四肢骨, extremity, extremities, ext, extremidad, limb, limbs, konczyny, 四肢关节", "", mark="limb"),
    Entry(
        "下肢全长, 双下肢全长, 全下肢, 下肢力线, 下肢全景, 下肢全长拼接, 下肢负重全长, 下肢拼接, 全长下肢, long leg, long legs, leg length, scanogram, hip to ankle, hips to ankles, bone length, "
        "leg lengths, beinachse, ganzbein, 下肢长度, long leg alignment, 全腿, pangonogram, goniometria, full length leg, full length legs, lower limb alignment, 下肢机械轴, long leg cassette",
        "HIP+THIGH+KNEE+LEG+ANKLE",
        modality="XR",
        weight=HINT,
    ),
    Entry("runoff, run off, runoffs, run offs, 双下肢动脉血流", "THIGH+KNEE+LEG", broad=True, contrast="with", angio="1", never="US"),
    Entry("bilateral lower extremity runoff, aortobifemoral, aorta with runoff, abdominal aorta runoff, aorta runoff, aorta bifem, aortofemoral, aorta and bilateral runoff, aorta iliofemoral, aorta iliofemoral runoff", "ABDOMEN+PELVIS+THIGH+KNEE+LEG", angio="1", never="US"),
)
