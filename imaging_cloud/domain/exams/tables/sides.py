"""Left, right, both, and words of posture that only look like a side.

Source: DICOM PS3.16 CID 244; common usage. Version 2026.11.
"""

from imaging_cloud.domain.exams.entry import HINT, Entry

TERMS = (
    Entry(
        """left, lt, l, lft, lefts, lewa, lewej, lewego, lewy, lewe, izquierda, izquierdo, izq,
        izqda, gauche, links, linke, linker, linkes, linken, esquerda, esquerdo, sinistra,
        sinistro, 左, 左侧, 左边, 左单侧, 左方, 单左, 左側, 左部""",
        side="L",
    ),
    Entry(
        """right, rt, r, rght, rigth, prawa, prawej, prawego, prawy, prawe, derecha, derecho,
        dcha, droite, droit, dte, rechts, rechte, rechter, rechtes, rechten, direita, direito,
        destra, destro, dx side, 右, 右侧, 右边, 右单侧, 右方, 单右, 右側, 右部""",
        side="R",
    ),
    Entry(
        """bilateral, bilat, bil, bilateral both, bl, b l, both, bilaterally, bilats, bilt,
        biltrl, bilaterales, obu, obustronne, obustronna, obustronnie, oba, obydwu,
        bilaterale, bilateralna, beidseits, bds, beide, beider, beidseitig, ambos, ambas,
        bilateraux, des deux, deux, bilateral comparison, left right, right left,
        left and right, right and left, l and r, r and l, lt and rt, rt and lt, l r, r l,
        lt rt, rt lt, 双侧, 两侧, 左右, 左右两侧, 左右侧, 左右双侧, 左、右, 左侧右侧,
        左侧及右侧, 左和右, 左及右, 左 + 右, 右 + 左, 右左, 双边, 两边, 右侧左侧""",
        side="B",
    ),
    Entry("双, 两, 双肢, bi", side="B", mark="bare"),
    Entry("unilateral, uni, one side, 单侧, 一侧, 单边, 患侧, 健侧", ""),
    # Bending to either side, and lying on one, are no sides of the body that was imaged.
    Entry(
        """左右侧弯, 左右侧弯位, 左右侧屈, 左右侧屈位, 侧弯位, 侧屈位, 左右弯曲位, 左右旋转位,
        bending, side bending, left and right bending, lateral bending""",
        modality="XR",
        weight=HINT,
    ),
    Entry(
        """decub lt, decubitus lt, decub left, decubitus left, lat decub lt,
        lateral decubitus left,
        lt decub, left decub, lt lat decub, lt decubitus""",
        side="L",
        modality="XR",
        weight=HINT,
        mark="posture",
    ),
    Entry(
        """decub rt, decubitus rt, decub right, decubitus right, lat decub rt, rt decub,
        lateral decubitus right, right decub, rt lat decub, rt decubitus""",
        side="R",
        modality="XR",
        weight=HINT,
        mark="posture",
    ),
    # A patient's position, not the side of the body that was imaged.
    Entry(
        """left lateral decubitus, 左侧卧位, 左侧卧, 左前斜, 左前斜位, 左后斜, 左后斜位, lao,
        lpo, left anterior oblique, left posterior oblique, left decubitus,
        left lateral decub, l lat decub, left side down, 左侧位, 左斜位, left lateral,
        l lateral, l lat, lt lat, lt lateral""",
        side="L",
        modality="XR",
        weight=HINT,
        mark="posture",
    ),
    Entry(
        """right lateral decubitus, 右侧卧位, 右侧卧, 右前斜, 右前斜位, 右后斜, 右后斜位, rao,
        rpo, right anterior oblique, right posterior oblique, right decubitus,
        right lateral decub, r lat decub, right side down, 右侧位, 右斜位, right lateral,
        r lateral, r lat, rt lat, rt lateral""",
        side="R",
        modality="XR",
        weight=HINT,
        mark="posture",
    ),
)
