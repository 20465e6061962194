"""Places as Portuguese and Italian exam names write them, beside the international ones.

Source: the terms of DICOM PS3.16 CID 4031 said in Portuguese and Italian; common usage of
radiology departments (`TX ABD PELVE`, `Addome superiore`). Version 2026.11.
"""

from imaging_cloud.domain.exams.entry import Entry

TERMS = (
    Entry("sela turca, sela turcica, ipofisi, sella turcica ipofisi", "PITUITARY", "pituitary"),
    Entry("massiccio facciale, ossos da face, face ossos", "FACE"),
    Entry("seios da face, seios paranasais", "FACE", "sinuses"),
    Entry("ouvido, ouvidos, orecchio, rocche petrose, rocca petrosa", "EAR", "temporal bone"),
    Entry("tx", "CHEST", only="CT MR ?"),
    Entry("tx abd, tx as, torax abdome, torax e abdome, torace addome", "CHEST+ABDOMEN"),
    Entry(
        """tx abd pelve, tx abd pelvis, tx at, tx abd total, torax abdome e pelve,
        torax abdome pelve, torax e abdome total, torax abdome total, torace addome pelvi,
        torace addome completo, torace e addome completo""",
        "CHEST+ABDOMEN+PELVIS",
    ),
    Entry("abdome sup, abd sup, abdome superior, abdomen sup, addome superiore", "ABDOMEN"),
    Entry("rim, rins, reni, rene", "ABDOMEN", "kidney"),
    Entry(
        """abd total, abdome total, abdomen total, abd e pelve, abdome e pelve, abdome pelve,
        abd pelve, addome e pelvi, addome pelvi, addome completo""",
        "ABDOMEN+PELVIS",
    ),
    Entry("abd inf, abdome inferior, addome inferiore", "PELVIS"),
    Entry("pelve, bacia, bacino, pelvi", "PELVIS"),
    Entry("braco, bracos, antebraco, antebracos, avambraccio, braccio", "ARM"),
    Entry("sem cte, sem iv, sem contr, senza contrasto, senza mezzo di contrasto", contrast="none"),
    Entry("com cte, com iv, com contr, con contrasto, pos contraste", contrast="with"),
    Entry(
        """sem e com contraste, com e sem contraste, sem com contraste, senza e con mdc,
        con e senza mdc""",
        contrast="both",
    ),
)
