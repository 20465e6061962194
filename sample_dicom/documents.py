"""What is not an image but arrives with the images: a report, a scanned letter."""

from typing import Any

from pydicom import uid

from sample_dicom.model import Picture, Series


def _code(value: str, scheme: str, meaning: str) -> list[dict[str, str]]:
    return [{"CodeValue": value, "CodingSchemeDesignator": scheme, "CodeMeaning": meaning}]


def report_series(description: str, finding: str, impression: str) -> Series:
    """Make a Basic Text SR: a title, the findings, the impression."""

    def text(value: str, meaning: str, words: str) -> dict[str, Any]:
        return {
            "RelationshipType": "CONTAINS",
            "ValueType": "TEXT",
            "ConceptNameCodeSequence": _code(value, "DCM", meaning),
            "TextValue": words,
        }

    attributes = {
        "ReferencedPerformedProcedureStepSequence": [],
        "ValueType": "CONTAINER",
        "ConceptNameCodeSequence": _code("18748-4", "LN", "Diagnostic Imaging Report"),
        "ContinuityOfContent": "SEPARATE",
        "PerformedProcedureCodeSequence": [],
        "CompletionFlag": "COMPLETE",
        "VerificationFlag": "UNVERIFIED",
        "ContentSequence": [
            text("121071", "Finding", finding),
            text("121077", "Conclusion", impression),
        ],
    }
    return Series(
        modality="SR",
        sop_class=uid.BasicTextSRStorage,
        description=description,
        draw=lambda: [Picture(attributes=attributes)],
    )


def letter_series(description: str, title: str, words: str) -> Series:
    """Make an encapsulated PDF: a paper that somebody scanned into the study."""
    data = _small_pdf(words)
    attributes = {
        "ConversionType": "WSD",
        "BurnedInAnnotation": "YES",
        "AcquisitionDateTime": "",
        "DocumentTitle": title,
        "ConceptNameCodeSequence": [],
        "MIMETypeOfEncapsulatedDocument": "application/pdf",
        "EncapsulatedDocument": data + b"\0" * (len(data) % 2),
        "EncapsulatedDocumentLength": len(data),
    }
    return Series(
        modality="DOC",
        sop_class=uid.EncapsulatedPDFStorage,
        description=description,
        draw=lambda: [Picture(attributes=attributes)],
    )


def _small_pdf(words: str) -> bytes:
    """One page with one line, and a cross reference table that is true."""
    drawing = f"BT /F1 18 Tf 72 720 Td ({words}) Tj ET"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Font << /F1 5 0 R >> >>",
    )
    text, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(text))
        text += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(text)
    text += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    text += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return text.encode("ascii")
