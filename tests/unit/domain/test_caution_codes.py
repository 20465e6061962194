"""Code systems are written in many ways; codes with and without dot."""

import pytest

from imaging_cloud.domain.cautions.codes import Codes, System, read_codings, system_of
from imaging_cloud.domain.orders import Coding

SPELLINGS = [
    ("ICD-10", System.ICD10),
    ("ICD10", System.ICD10),
    ("icd 10", System.ICD10),
    ("I10", System.ICD10),
    ("http://hl7.org/fhir/sid/icd-10", System.ICD10),
    ("urn:oid:2.16.840.1.113883.6.3", System.ICD10),
    ("2.16.840.1.113883.6.3", System.ICD10),
    ("ICD-10 国临版2.0", System.ICD10),
    ("GB/T 14396-2016", System.ICD10),
    ("ICD-10-GM", System.ICD10),
    ("ICD-10-CM", System.ICD10CM),
    ("http://hl7.org/fhir/sid/icd-10-cm", System.ICD10CM),
    ("urn:oid:2.16.840.1.113883.6.90", System.ICD10CM),
    ("SCT", System.SNOMED),
    ("SNOMED CT", System.SNOMED),
    ("http://snomed.info/sct", System.SNOMED),
    ("http://snomed.info/sct/2011000195101/version/20240607", System.SNOMED),
    ("ATC", System.ATC),
    ("http://www.whocc.no/atc", System.ATC),
    ("RxNorm", System.RXNORM),
    ("http://www.nlm.nih.gov/research/umls/rxnorm", System.RXNORM),
    ("ICD-10-PCS", None),
    ("ICD-9-CM", None),
    ("SRT", None),
    ("", None),
    ("院内编码", None),
]


@pytest.mark.parametrize(("name", "expected"), SPELLINGS)
def test_a_system_is_known_by_its_many_names(name: str, expected: System | None) -> None:
    assert system_of(name) is expected


@pytest.mark.parametrize("code", ["K56.6", "K566", "k56.6", " K56.6 ", "K56.600", "K56.600x001"])
def test_a_code_is_read_with_or_without_dot_and_in_small_letters(code: str) -> None:
    (read,) = read_codings((Coding("ICD-10", code),))

    assert Codes(icd10=("K56.6",)).hold(read)


@pytest.mark.parametrize(("system", "code"), [("", "K56.6"), ("ICD-9", "560.9"), ("ICD-10", "-")])
def test_a_code_without_a_known_system_is_left_out(system: str, code: str) -> None:
    assert read_codings((Coding(system, code),)) == ()


def test_a_snomed_code_is_no_prefix() -> None:
    (read,) = read_codings((Coding("SCT", "810600081"),))

    assert not Codes(snomed=("81060008",)).hold(read)


def test_a_code_of_the_american_edition_alone_is_not_read_elsewhere() -> None:
    (read,) = read_codings((Coding("ICD-10", "Z95.810"),))

    assert not Codes(icd10cm=("Z95.810",)).hold(read)
