"""The head, face, orbit, ear, pituitary, neck and their vessels.

Source: DICOM PS3.16 CID 4 and CID 4031; RSNA Playbook body parts; item names of Chinese public
price catalogues; common usage. Version 2025.1.
"""

from imaging_cloud.domain.exams.entry import HINT, Entry

TERMS = (
    Entry(
        "head, brain, brains, skull, cranial, cranium, intracranial, cerebral, cerebrum, calvarium, neuro, "
        "encephalon, neurocranium, 头, 头部, 头颅, 颅脑, 脑, 脑部, 大脑, 全脑, 颅骨, 颅内, 头盖骨, 颅底, "
        "头卢, 头炉, 头颅脑, 脑实质, 小脑, 脑干, 后颅窝, 颅, 颅脑部, 脑室, 脑白质, 脑功能, skull base, "
        "base of skull, posterior fossa, kopf, schadel, neurokranium, hirn, gehirn, crane, cerveau, "
        "encephale, cabeza, cerebro, craneo, cerebral tep, mozg, mozgu, mozgowia, glowy, glowa, "
        "czaszki, czaszka, cabeca, testa, cerebrale, encefalo, cranio, 头盖, 脳, 脳部, "
        "cerebellum, brainstem, ventricles, vp shunt, 脑积水分流, 神经导航, stroke, 卒中, 脑卒中, 脑梗",
        "HEAD",
    ),
    Entry("hippocampus, hippocampal, hippocampi, 海马", "HEAD", "hippocampus"),
    Entry("seizure, epilepsy, 癫痫, epilepsy protocol, seizure protocol", "HEAD", "epilepsy"),
    Entry("trigeminal, trigeminal nerve, 三叉神经, 面神经, 颅神经, cranial nerves", "HEAD", "nerve"),
    Entry("dat scan, datscan, 多巴胺转运体, dopamine transporter", "HEAD", "dopamine", modality="NM"),
    Entry("脑血流, 脑血流灌注, 脑灌注, cerebral blood flow, brain perfusion", "HEAD"),
    Entry("cisternogram, cisternography, 脑池造影, 脑池显像", "HEAD", contrast="with"),
    Entry(
        "脑血管, 颅内血管, 头部血管, 颅脑血管, 大脑中动脉, 大脑动脉, 脑动脉, 头颅血管, 颅内动脉, 脑静脉, 静脉窦, "
        "颅内静脉窦, 基底动脉, circle of willis, cow, willis, cerebral vessels, cerebral arteries, "
        "cerebral veins, venous sinus, dural sinus, intracranial vessels, brain vessels, basilar, "
        "脑动脉瘤, 脑血管畸形, sinus venosus cerebral, polygone de willis",
        "HEAD",
    ),
    Entry("tcd, transcranial, transcranial doppler, 经颅多普勒", "HEAD", modality="US"),
    Entry(
        "face, facial, facial bones, facial bone, maxillofacial, maxilla, maxillae, face bones, "
        "midface, 面部, 面骨, 颌面, 颌面部, 颌面骨, 上颌骨, 上颌, 面颅, 面颅骨, 颜面, 颜面骨, 颧弓, 颧骨, 口腔颌面, "
        "口腔, 舌, 口底, 牙槽, 唇腭裂, 上下颌骨, 上下颌, 面, zygoma, zygomatic, zygomatic arch, zygomatic arches, "
        "gesichtsschadel, gesicht, twarzoczaszki, massif facial, macizo facial, tongue, "
        "floor of mouth, oral cavity, palate, 腭, 硬腭, 软腭, lip, cheek, 面颊, 颊, 领面, 颌骨",
        "FACE",
    ),
    Entry(
        "sinus, sinuses, paranasal sinuses, paranasal sinus, paranasal, sinonasal, 鼻窦, 副鼻窦, 鼻旁窦, "
        "上颌窦, 额窦, 筛窦, 蝶窦, 鼻腔, 鼻部, 鼻副鼻窦, 鼻腔鼻窦, 鼻, nnh, nasennebenhohlen, nasennebenhohle, zatok, zatoki, "
        "sinus de la face, senos paranasales, zatok przynosowych, seni paranasali, 副鼻腔, 鼻骨鼻窦",
        "FACE",
        "sinuses",
    ),
    Entry("nasal bones, nasal bone, nose, 鼻骨, nasal, kosci nosa, huesos propios", "FACE", "nasal bone"),
    Entry(
        "mandible, mandibular, jaw, 下颌骨, 下颌, 下颌骨升支, 下颌角, unterkiefer, zuchwy, mandibule",
        "FACE",
        "mandible",
    ),
    Entry(
        "tmj, tmjs, temporomandibular, temporomandibular joint, temporomandibular joints, 颞下颌关节, 颞颌关节, "
        "颞颌, 下颌关节, 颌关节, kiefergelenk, atm, 颞颚关节, 颚关节",
        "FACE",
        "temporomandibular joint",
    ),
    Entry(
        "nasopharynx, nasopharyngeal, 鼻咽, 鼻咽部, 鼻咽癌, 鼻咽侧位, 鼻咽腔, rhinopharynx",
        "FACE",
        "nasopharynx",
    ),
    Entry("adenoid, adenoids, 腺样体, 腺样体侧位", "FACE", "adenoid"),
    Entry("parotid, parotids, parotid gland, 腮腺, 耳下腺, 腮腺区, parotis", "FACE", "parotid"),
    Entry(
        "salivary, salivary gland, salivary glands, submandibular gland, submandibular, 涎腺, 唾液腺, 颌下腺, "
        "唾腺, sialography, sialogram, 涎腺造影, 腮腺造影, 颌下, 下颌下腺",
        "FACE",
        "salivary gland",
    ),
    Entry(
        "teeth, tooth, dental, 牙, 牙齿, 牙片, 全口, 全口牙, 全景片, 口腔全景, 全口曲面断层, 曲面断层, 牙体, 曲面体层, "
        "口腔曲面体层, 全颌曲面, 全景, 根尖片, 牙根尖片, 头颅侧位定位片, 阻生牙, 智齿, 种植牙, 牙列, zahn, zahne, dientes, dents, dentaire, "
        "zebow, stomatologiczne, 头影测量, 头颅定位, 头影测量片",
        "FACE",
        "teeth",
    ),
    Entry(
        "opg, panorex, orthopantomogram, orthopantomography, panoramic dental, bitewing, bitewings, "
        "periapical, panoramic, cephalometric, cephalogram, 口腔全景片, 牙科全景, 全口牙位曲面体层, 口腔全景摄影, pantomogram, "
        "pantomograficzne, panoramique dentaire, ortopantomografia, "
        "全口曲面断层片, 曲面断层片, 牙片摄影, 牙科x线, 曲面体层摄影",
        "FACE",
        "teeth",
        modality="XR",
        weight=HINT,
    ),
    Entry("口腔cbct, 牙科cbct, 口腔颌面锥形束ct, 锥形束ct, 口腔ct, dental ct", "FACE", "teeth", modality="CT"),
    Entry(
        "orbit, orbits, orbital, eye, eyes, eyeball, ocular, globe, globes, optic nerve, optic nerves, "
        "lacrimal, dacryocystogram, 眼, 眼眶, 眼部, 眼球, 眶部, 眼眶内, 视神经, 泪囊, 泪腺, 泪道, 眼底, 眼肌, 眼睑, 眶, 视神经孔, 眼窝, "
        "眼球及附属器, 球后, 眼内异物, orbita, orbite, orbites, oczodolow, oczodoly, orbitas, augenhohle, 眼轴",
        "ORBIT",
    ),
    Entry(
        "ear, ears, temporal bone, temporal bones, petrous, petrous bone, petrous bones, mastoid, "
        "mastoids, middle ear, inner ear, tbone, t bone, 耳, 耳部, 颞骨, 中耳, 内耳, 乳突, 中耳乳突, "
        "双耳, 颞骨乳突, 岩骨, 岩部, 听骨, 听小骨, 耳蜗, 人工耳蜗, 颞骨岩部, 外耳道, 内耳水成像, 半规管, 面听神经, 听神经, "
        "cochlea, cochlear, cholesteatoma, felsenbein, felsenbeine, kosci skroniowych, rocher, rochers, "
        "penasco, oidos, oido, acoustic neuroma, vestibular schwannoma, 听道, 耳鼻, 側头骨, 侧头骨",
        "EAR",
        "temporal bone",
    ),
    Entry(
        "iac, iacs, iam, iams, internal auditory canal, internal auditory canals, internal auditory, "
        "internal acoustic meatus, auditory canal, cpa, cerebellopontine angle, 内听道, 内听, 内耳道, 内听道口, "
        "桥小脑角, 桥小脑角区, 小脑桥脑角, conduits auditifs internes, cai, conduits auditifs",
        "EAR",
        "internal auditory canal",
    ),
    Entry(
        "pituitary, sella, sellar, sella turcica, hypophysis, 垂体, 鞍区, 蝶鞍, 鞍部, 脑垂体, 垂体窝, hypophyse, "
        "przysadki, przysadka, hipofisis, hipofise, sellae, 脳下垂体, 下垂体, turcica, 脑下垂体",
        "PITUITARY",
        "pituitary",
    ),
    Entry(
        "neck, soft tissue neck, neck soft tissue, neck soft tissues, cervical soft tissue, 颈, 颈部, 颈部软组织, 颈前, "
        "cervical node, cervical nodes, cervical lymph nodes, lymph nodes neck, cou, cuello, hals, szyi, "
        "szyja, 颈部淋巴结, 颈淋巴结, 锁骨上, 锁骨上淋巴结, 锁骨上窝, supraclavicular, pescoco, collo, hals weichteile, "
        "halsweichteile, 颈部包块, 颈部肿块, neck mass, 颌颈部, 颈部平面",
        "NECK",
    ),
    Entry(
        "thyroid, thyroid gland, 甲状腺, 甲状腺及颈部, schilddruse, tarczycy, tarczyca, thyroide, tiroides, "
        "tireoide, tiroide, 甲状, 甲状腺结节",
        "NECK",
        "thyroid",
    ),
    Entry("parathyroid, parathyroids, sestamibi, 甲状旁腺, 旁甲状腺, 副甲状腺, paratiroides", "NECK", "parathyroid"),
    Entry("甲状腺静态, 甲状腺吸碘, 吸碘率, thyroid uptake, thyroid scan", "NECK", "thyroid", modality="NM", weight=HINT),
    Entry("thyroglossal, 甲状舌管", "NECK", "thyroid"),
    Entry(
        "larynx, laryngeal, 喉, 喉部, 咽喉, 咽喉部, 喉咽, 声带, 声门, kehlkopf, krtani, larynge, laringe, 会厌",
        "NECK",
        "larynx",
    ),
    Entry(
        "pharynx, pharyngeal, oropharynx, hypopharynx, 咽, 咽部, 口咽, 下咽, 咽旁, 扁桃体, tonsil, tonsils, gardla, "
        "咽侧位, 鼻咽喉",
        "NECK",
        "pharynx",
    ),
    Entry("brachial plexus, 臂丛, 臂丛神经, 腕神经丛, plexus brachialis", "NECK", "brachial plexus"),
    Entry(
        "carotid, carotids, carotid artery, carotid arteries, 颈动脉, 颈总动脉, 颈内动脉, 颈动脉斑块, 颈动脉管壁, "
        "颈动脉血管, carotide, carotides, carotis, tsa, 颈动脉系统, 颈动脉高分辨, troncs supra aortiques, "
        "vertebral artery, vertebral arteries, vertebrals, 椎动脉, 颈动脉椎动脉, 椎基底动脉, 颈椎动脉, carotida, carotidas",
        "NECK",
        "carotid",
    ),
    Entry(
        "颈部血管, 颈血管, 颈部动脉, 颈静脉, 颈部大血管, 颈部静脉, neck vessels, neck vessel, jugular, jugular vein, "
        "颈内静脉, 颈部动静脉, 颈部血管壁",
        "NECK",
    ),
    Entry(
        "head neck, head and neck, h + n, head + neck, 头颈, 头颈部, 头颈联合, 头颈部血管, 头颈血管, 颅颈, 头颈动脉, 脑颈, "
        "头颈部动脉, 颈脑血管, 脑颈血管, 颅内外血管, 头部及颈部, kopf hals, glowy i szyi, cabeza y cuello, 头颈静脉",
        "HEAD+NECK",
    ),
    Entry(
        "head neck vessels, head neck angio, carotid cerebral, cerebral carotid, 脑及颈部血管, 头颈部ct血管, "
        "carotid brain, intracranial and extracranial",
        "HEAD+NECK",
    ),
    Entry("tongue base, 舌根, 舌骨, hyoid", "NECK"),
    Entry("supra aortic, supraaortic, arch vessels, 弓上, 主动脉弓上", "NECK+CHEST"),
    Entry(
        "swallow study, swallowing, swallow, video swallow, vfss, mbss, modified barium swallow, "
        "dysphagia, deglutition, 吞咽, 吞咽功能, 吞咽造影, 吞咽造影检查, 电视透视吞咽, speech study, 咽部造影",
        "NECK",
        "pharynx",
        modality="RF",
        weight=2,
        contrast="oral",
    ),
)
