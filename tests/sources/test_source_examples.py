"""The examples of sources on the reference page are read as the page says."""

from __future__ import annotations

import pytest
from raw2adam.mappings.models.source import SourceSpec
from raw2adam.mappings.models.source_examples import SOURCE_EXAMPLES
from raw2adam.selftest.examples import run_source_example


@pytest.mark.parametrize("example", SOURCE_EXAMPLES, ids=lambda e: e.keys)
def test_an_example_of_a_source_is_read_as_on_the_page(example, tmp_path):
    assert run_source_example(example, tmp_path) == example.gives


def test_every_key_that_this_page_must_show_has_an_example():
    shown = " ".join(e.source for e in SOURCE_EXAMPLES)
    keys = ("header", "rename", "ragged", "number_formats", "types", "split", "extract", "dictionary", "member")
    for key in (*keys, "attributes", "rows", "instrument_labels"):
        assert f"{key}:" in shown and key in SourceSpec.model_fields
