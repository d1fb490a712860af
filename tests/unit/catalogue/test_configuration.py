"""A part of a configuration is completed by the committed one, and wins."""

import yaml

from acuomics.catalogue.configuration import complete
from tests.realdata import REPO


def test_what_is_left_out_is_as_committed_and_what_is_given_stays():
    config = {"de": {"q": 0.2}, "studies": ["mine"], "own_data": {"mine": {"counts": "x"}}}
    complete(config, REPO / "config.yaml")
    committed = yaml.safe_load((REPO / "config.yaml").read_text())
    assert config["de"] == committed["de"] | {"q": 0.2}
    assert config["studies"] == ["mine"] and config["own_data"] == {"mine": {"counts": "x"}}
    assert set(config) == set(committed)
