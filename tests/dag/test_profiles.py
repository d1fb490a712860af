"""The profiles for clusters: they agree with each other and with the rules, and their groups make no circle."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.realdata import REPO
from tests.workflow import snakemake

PROFILES = REPO / "workflow" / "profiles"
CLUSTERS = ("slurm", "kubernetes", "generic")
#: What does not depend on the cluster.
SHARED = ("groups", "group-components", "set-resources", "retries", "latency-wait", "cores", "default-resources")


def profile(name):
    return yaml.safe_load((PROFILES / name / "config.yaml").read_text())


def rules():
    """Names of the rules, and which of them run where snakemake runs."""
    text = "\n".join(path.read_text() for path in sorted((REPO / "workflow" / "rules").glob("*.smk")))
    blocks = "".join(re.findall(r"^localrules:\n((?:    .*\n)+)", text, re.M))
    local = set(re.findall(r"\w+", blocks))
    return set(re.findall(r"^rule (\w+):", text, re.M)), local


def paths(text):
    """Edges (from, to) of a rule graph in DOT; targets that are no rules are left out."""
    names = dict(re.findall(r'^\s*(\d+)\s*\[label\s*=\s*"(\w+)', text, re.M))
    return {(names[a], names[b]) for a, b in re.findall(r"^\s*(\d+)\s*->\s*(\d+)", text, re.M)}


def reached(start, edges):
    """All that can be reached from these rules."""
    found, frontier = set(), set(start)
    while frontier:
        frontier = {b for a, b in edges if a in frontier} - found
        found |= frontier
    return found


@pytest.fixture(scope="module")
def edges(tmp_path_factory):
    result = snakemake(tmp_path_factory.mktemp("graph"), "--rulegraph")
    assert result.returncode == 0, result.stdout
    found = paths(result.stdout)
    assert ("fit_study", "test_reversal") in found
    return found


@pytest.mark.parametrize("name", CLUSTERS)
def test_profiles_agree(name):
    own, default = profile(name), profile("default")
    assert {key: own[key] for key in SHARED} == {key: profile("slurm")[key] for key in SHARED}
    assert {key: own[key] for key in default} == default


def test_the_rules_that_profiles_name_exist_and_are_submitted():
    everything, local = rules()
    assert local >= {"record_study", "fetch_file"}
    named = {*profile("slurm")["groups"], *profile("slurm")["set-resources"]}
    assert named <= everything - local


def test_a_further_attempt_gets_more():
    for rule, resources in profile("slurm")["set-resources"].items():
        assert set(resources) == {"mem_mb", "runtime"}, rule
        assert all(value.startswith("attempt * ") for value in resources.values()), rule


def test_no_group_waits_for_a_rule_that_waits_for_it(edges):
    """Whatever components of a group are put together, none needs what comes out of another by way of a third rule."""
    groups = profile("slurm")["groups"]
    for group in set(groups.values()):
        members = {rule for rule, its in groups.items() if its == group}
        outside = {b for a, b in edges if a in members} - members
        assert not reached(outside, edges) & members, group


def test_rules_in_groups_do_not_ask_for_the_size_of_what_is_not_there_yet():
    settings = profile("slurm")
    for rule in settings["groups"]:
        assert not any("input" in value for value in settings["set-resources"][rule].values()), rule


def test_a_run_is_planned_with_the_profile(tmp_path):
    words = ["--dry-run", "--workflow-profile", str(PROFILES / "slurm")]
    result = snakemake(tmp_path, *words)
    assert result.returncode == 0, result.stdout
    assert re.search(r"^fit_study\s+2$", result.stdout, re.M), result.stdout
