"""The sample calls of sample_dicom, and the one in the integration guide, are answered as told."""

import json
import re
from pathlib import Path

from sample_dicom.make_samples import HERE
from tests.protocol.cds_hooks.calling import cards, is_interruptive
from tests.protocol.serving import Web

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = sorted((HERE / "orders" / "cds-hooks").glob("*.json"))


def test_the_sample_calls_warn(known: Web) -> None:
    words = {"01": "已有可用检查", "02": "慎用钡餐"}

    assert len(SAMPLES) == len(words)
    for path in SAMPLES:
        [card] = cards(known, json.loads(path.read_text(encoding="utf-8")))
        assert is_interruptive(card)
        assert words[path.name[:2]] in card["summary"]


def test_the_call_in_the_guide_warns(known: Web) -> None:
    text = (ROOT / "docs" / "cds-hooks.md").read_text(encoding="utf-8")
    found = re.search(r"<<'END'\n(.*?)\nEND\n", text, re.DOTALL)

    assert found
    [card] = cards(known, json.loads(found[1]))
    assert is_interruptive(card)
