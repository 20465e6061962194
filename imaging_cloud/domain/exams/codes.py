"""Coded procedures and body parts, read into the same terms as words are."""

from imaging_cloud.domain.exams.descriptor import ProcedureCode
from imaging_cloud.domain.exams.reading import Reading, read


def read_codes(codes: tuple[ProcedureCode, ...]) -> tuple[Reading, ...]:
    return tuple(read(code.meaning, f"code {code.scheme} {code.value}") for code in codes)
