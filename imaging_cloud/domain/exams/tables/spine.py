"""The spine by level, from the skull to the coccyx.

Source: DICOM PS3.16 CID 4 and CID 4031; RSNA Playbook body parts; common usage. Version 2025.1.
"""

from imaging_cloud.domain.exams.entry import HINT, Entry

TERMS = (
    Entry("cervical", "CSPINE", mark="cervical"),
    Entry(
        "c spine, cspine, cervical spine, spine cervical, cervical vertebrae, c sp, c spines, csp, "
        "cerv spine, cervical myelogram, 颈椎, 颈椎体, 颈脊柱, 颈段, 颈椎骨, 寰枢椎, 寰枢关节, 寰椎, 枢椎, 齿状突, 齿突, 颈髓, "
        "颈段脊髓, 颈脊髓, 寰枕, 寰枕关节, 颅颈交界, 颅颈交界区, 颈椎管, 颈枕, 颈枕部, 颈椎关节, hws, halswirbelsaule, c kregoslupa, kregoslup szyjny, "
        "odcinka szyjnego, odcinek szyjny, kregoslupa szyjnego, rachis cervical, columna cervical, "
        "coluna cervical, rachide cervicale, atlantoaxial, atlanto axial, craniocervical, "
        "craniocervical junction, odontoid view, 頚椎, c1, c2, c3, c4, c5, c6, c7, dens, 颈椎双斜位",
        "CSPINE",
    ),
    Entry("颈椎间盘, 颈椎椎间盘, 颈间盘, 颈椎盘", "CSPINE", "intervertebral disc"),
    Entry(
        "t spine, tspine, thoracic spine, spine thoracic, thoracic vertebrae, t sp, dorsal spine, d spine, "
        "spine dorsal, thor spine, 胸椎, 胸椎体, 胸段, 胸脊柱, 胸髓, 胸段脊髓, 胸脊髓, 胸椎管, 背椎, bws, brustwirbelsaule, "
        "odcinka piersiowego, odcinek piersiowy, kregoslup piersiowy, kregoslupa piersiowego, "
        "rachis dorsal, rachis thoracique, columna dorsal, columna toracica, coluna dorsal, rachide dorsale, "
        "t3, t4, t5, t6, t7, t8, t9, t10, t11, t12",
        "TSPINE",
    ),
    Entry("胸椎间盘, 胸椎椎间盘", "TSPINE", "intervertebral disc"),
    Entry(
        "l spine, lspine, lumbar, lumbar spine, spine lumbar, lumbar vertebrae, l sp, ls pine, lumb spine, "
        "lsp, lumbar puncture, 腰椎, 腰椎体, 腰段, 腰脊柱, 腰, 腰部, 腰椎管, 腰髓, 马尾, 圆锥, 腰大肌, 峡部, 椎弓峡部, 腰椎双斜位, 腰椎间, lws, "
        "lendenwirbelsaule, odcinka ledzwiowego, odcinek ledzwiowy, kregoslup ledzwiowy, "
        "kregoslupa ledzwiowego, rachis lombaire, columna lumbar, coluna lombar, rachide lombare, "
        "l1, l2, l3, l4, l5, lombaire, cauda equina, conus",
        "LSPINE",
    ),
    Entry("腰椎间盘, 腰椎椎间盘, 腰间盘, 腰椎盘, 腰突, 腰椎间盘突出", "LSPINE", "intervertebral disc"),
    Entry(
        "lumbosacral, lumbo sacral, lumbosacral spine, l s spine, ls spine, lss, lumbosacral plexus, 腰骶, "
        "腰骶椎, 腰骶部, 腰骶骨, 腰荐椎, 腰骶段, 腰骶关节, 腰骶神经, 腰骶丛, 腰仙椎, lumbosacra, kregoslupa ledzwiowo krzyzowego, "
        "ledzwiowo krzyzowego, ledzwiowo krzyzowy, ls kregoslupa, columna lumbosacra, rachis lombo sacre, 腰骶尾椎, "
        "columna lumbo sacra, odcinka l s, kregoslup l s, l s kregoslupa, coluna lombo sacra, coluna lombossacra, l5s1",
        "LSPINE+SACRUM",
    ),
    Entry(
        "sacrum, sacral, coccyx, sacrum coccyx, sacrococcygeal, tailbone, 骶, 骶椎, 骶骨, 尾骨, 尾椎, 骶尾, 骶尾椎, 骶尾骨, "
        "骶尾部, 骶丛, 荐椎, 尾骶骨, 尾骶椎, 仙骨, 荐尾椎, kreuzbein, steissbein, kosci krzyzowej, kosc guziczna, "
        "sacro, coccix, cocyx",
        "SACRUM",
    ),
    Entry(
        "si joint, si joints, sacroiliac, sacroiliac joint, sacroiliac joints, sij, 骶髂, 骶髂关节, 荐髂关节, "
        "仙肠关节, iliosakralgelenk, iliosakralgelenke, isg, stawow krzyzowo biodrowych, sacro iliaques, "
        "krzyzowo biodrowych, sacroiliaca, sacroiliacas, sacroiliaques, sacro iliaque",
        "SACRUM",
        "sacroiliac joint",
    ),
    Entry(
        "thoracolumbar, thoraco lumbar, t l spine, tl spine, thoracic and lumbar spine, thoracic lumbar, "
        "thoracic lumbar spine, tlspine, tls spine, dorsolumbar, dorso lumbar, 胸腰椎, 胸腰段, 胸、腰椎, 胸腰段椎体, 胸腰, 胸腰髓, "
        "胸腰椎体, 腰胸椎, dorsolumbar spine, bws lws, dorsolombar, th l",
        "TSPINE+LSPINE",
    ),
    Entry("scoliosis, scoliosis series, scoliosis survey, skolioza, scoliose, escoliosis", "TSPINE+LSPINE", "scoliosis", broad=True),
    Entry("cervicothoracic, c t spine, cervical thoracic spine, 颈胸椎, 颈胸段, 颈、胸椎, 颈胸髓, 颈胸交界", "CSPINE+TSPINE"),
    Entry("颈腰椎, 颈、腰椎, cervical and lumbar spine, c l spine, 颈椎腰椎", "CSPINE+LSPINE"),
    Entry("颈椎胸椎, cervical and thoracic spine", "CSPINE+TSPINE"),
    Entry(
        "total spine, full spine, entire spine, complete spine, spine complete, spine survey, "
        "c t l spine, ctl spine, whole spinal cord, 全脊柱, 全脊椎, 脊柱全长, 全脊柱正侧位, 颈胸腰椎, 颈、胸、腰椎, "
        "全脊髓, 脊柱侧弯, 脊柱侧凸, 脊柱全景, 脊柱全段, 颈胸腰, 颈胸腰段, 颈胸腰骶椎, cervical thoracic and lumbar spine, "
        "cervical thoracic lumbar spine, cervical thoracic lumbar, ganzwirbelsaule, wirbelsaule ganz, "
        "rachis entier, columna completa, calego kregoslupa, caly kregoslup, whole spine, 全椎体, spine whole, "
        "c + t + l spine, c t and l spine, 脊柱全长拼接, 脊柱拼接, 全脊柱拼接, 脊椎全长, 全脊柱侧弯, eos spine, panspine",
        "CSPINE+TSPINE+LSPINE",
    ),
    Entry(
        "spine, spinal, spinal cord, vertebra, vertebrae, vertebral, 脊柱, 脊椎, 脊髓, 椎体, 椎管, wirbelsaule, kregoslupa, "
        "kregoslup, rachis, columna, columna vertebral, coluna, rachide, spines, 椎间孔",
        "",
        mark="spine",
    ),
    Entry("disc, disk, discs, intervertebral disc, 椎间盘, 间盘", "", "intervertebral disc"),
    Entry("椎间盘造影, discogram, discography", "LSPINE", "intervertebral disc", contrast="with", broad=True),
    Entry("myelogram, myelography, 脊髓造影, 椎管造影, myelographie", "", modality="RF", weight=HINT, contrast="with"),
    Entry("椎间盘臭氧, 椎间孔镜", "LSPINE", "intervertebral disc", broad=True, purpose="guidance"),
    Entry("swimmers view", "TSPINE", broad=True),
)
