"""The synthetic people, and every number under which somebody knows them.

Nobody here exists. Resident numbers are valid in form (GB 11643), so that a program which checks
them accepts them; their sequence digits are taken from the documentation range 002..099.
"""

from dataclasses import dataclass, field
from datetime import date

RESIDENT = "CN-RESIDENT-ID"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"

INSTITUTIONS: dict[str, tuple[str, str]] = {
    "HOSP_A": ("市第一人民医院（示例）", "City First People's Hospital (synthetic)"),
    "HOSP_B": ("县中心医院（示例）", "County Central Hospital (synthetic)"),
    "HOSP_C": ("省肿瘤医院（示例）", "Provincial Cancer Hospital (synthetic)"),
}


def check_digit(seventeen: str) -> str:
    """GB 11643-1999: ISO 7064 MOD 11-2 over the first seventeen digits."""
    total = sum(int(digit) * weight for digit, weight in zip(seventeen, _WEIGHTS, strict=True))
    return _CHECK_DIGITS[total % 11]


def resident_number(area: str, birth: date, sequence: str) -> str:
    seventeen = f"{area}{birth:%Y%m%d}{sequence}"
    return seventeen + check_digit(seventeen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`dicom_name` is PatientName as devices write it: alphabetic=ideographic=phonetic."""

    slug: str
    name: str
    dicom_name: str
    sex: str
    birth: date
    resident: str = ""
    numbers: dict[str, str] = field(default_factory=dict)

    def identifiers(self) -> list[dict[str, str]]:
        known = [{"issuer": code, "value": value} for code, value in self.numbers.items()]
        return known + ([{"issuer": RESIDENT, "value": self.resident}] if self.resident else [])

    def as_json(self) -> dict[str, object]:
        return {
            "slug": self.slug,
            "name": self.name,
            "dicomName": self.dicom_name,
            "sex": self.sex,
            "birthDate": self.birth.isoformat(),
            "identifiers": self.identifiers(),
        }


_ALL = (
    Person(
        slug="zhang-wei",
        name="张伟",
        dicom_name="Zhang^Wei=张^伟",
        sex="M",
        birth=date(1949, 12, 31),
        # The standard's own example number; its sequence digit reads female, so do not infer sex.
        resident="11010519491231002X",
        numbers={"HOSP_A": "A-1001", "HOSP_B": "B-1002"},
    ),
    Person(
        slug="zhang-wei-namesake",
        name="张伟",
        dicom_name="Zhang^Wei=张^伟",
        sex="M",
        birth=date(1962, 5, 4),
        resident=resident_number("110105", date(1962, 5, 4), "001"),
        numbers={"HOSP_C": "C-3007"},
    ),
    Person(
        slug="li-na",
        name="李娜",
        dicom_name="Li^Na=李^娜",
        sex="F",
        birth=date(1978, 3, 15),
        resident=resident_number("320106", date(1978, 3, 15), "004"),
        numbers={"HOSP_A": "A-1077", "HOSP_C": "C-3008"},
    ),
    Person(
        slug="wang-fang",
        name="王芳",
        dicom_name="王^芳",  # the Chinese name alone, in the first group, as many devices send it
        sex="F",
        birth=date(1985, 7, 22),
        numbers={"HOSP_A": "A-1150"},
    ),
    Person(
        slug="chen-jianguo",
        name="陈建国",
        dicom_name="Chen^JianGuo=陈^建国",
        sex="M",
        birth=date(1956, 10, 1),
        resident=resident_number("440106", date(1956, 10, 1), "003"),
        numbers={"HOSP_B": "B-1203", "HOSP_C": "C-3101"},
    ),
    Person(
        slug="zhao-min",
        name="赵敏",
        dicom_name="Zhao^Min=赵^敏",
        sex="F",
        birth=date(1966, 2, 9),
        resident=resident_number("510107", date(1966, 2, 9), "006"),
        numbers={"HOSP_A": "A-1188", "HOSP_C": "C-3222"},
    ),
    Person(
        slug="liu-yang",
        name="刘洋",
        dicom_name="Liu^Yang=刘^洋",
        sex="M",
        birth=date(1991, 11, 11),
        resident=resident_number("420102", date(1991, 11, 11), "005"),
        numbers={"HOSP_A": "A-1240", "HOSP_B": "B-1310"},
    ),
    Person(
        slug="ma-chao",
        name="马超",
        dicom_name="Ma^Chao=马^超",
        sex="M",
        birth=date(1983, 6, 18),
        numbers={"HOSP_B": "B-1333"},
    ),
    Person(
        slug="sun-li",
        name="孙丽",
        dicom_name="Sun^Li=孙^丽",
        sex="F",
        birth=date(1971, 1, 30),
        resident=resident_number("330102", date(1971, 1, 30), "008"),
        numbers={"HOSP_A": "A-1301", "HOSP_B": "B-1411"},
    ),
    Person(
        slug="zhou-qiang",
        name="周强",
        dicom_name="Zhou^Qiang=周^强",
        sex="M",
        birth=date(1968, 9, 5),
        resident=resident_number("370102", date(1968, 9, 5), "007"),
        numbers={"HOSP_A": "A-1701", "HOSP_C": "C-3450"},
    ),
    Person(
        slug="zhang-xiaodong",
        name="张小东",
        dicom_name="Zhang^XiaoDong=张^小东",
        sex="M",
        birth=date(1974, 4, 12),
        numbers={"HOSP_B": "B-1620"},
    ),
    Person(
        slug="yamada-tarou",
        name="山田太郎",
        dicom_name="Yamada^Tarou=山田^太郎=やまだ^たろう",
        sex="M",
        birth=date(1959, 8, 3),
        numbers={"HOSP_A": "A-1502"},
    ),
    Person(
        slug="mueller-joerg",
        name="Jörg Müller",
        dicom_name="Müller^Jörg",
        sex="M",
        birth=date(1951, 5, 27),
        numbers={"HOSP_C": "C-3401"},
    ),
    Person(
        slug="he-ping",
        name="何平",
        dicom_name="He^Ping=何^平",
        sex="F",
        birth=date(1963, 12, 8),
        numbers={"HOSP_C": "C-3310"},
    ),
    Person(  # never imaged: the person about whom nothing may be found
        slug="wu-gang",
        name="吴刚",
        dicom_name="Wu^Gang=吴^刚",
        sex="M",
        birth=date(1995, 2, 14),
        resident=resident_number("610102", date(1995, 2, 14), "009"),
        numbers={"HOSP_B": "B-1999"},
    ),
)

PEOPLE: dict[str, Person] = {person.slug: person for person in _ALL}
