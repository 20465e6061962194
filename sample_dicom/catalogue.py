"""The catalogue: every study of the set, in the order in which it is written."""

from sample_dicom.model import Study
from sample_dicom.studies import hosp_a, hosp_b, hosp_c

STUDIES: tuple[Study, ...] = (*hosp_a.STUDIES, *hosp_b.STUDIES, *hosp_c.STUDIES)
