"""The pages of the site: whole without a network, escaped, always the same bytes, rendered when pieces are missing."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from acuomics.report.site.language import LANGUAGES
from acuomics.report.site.safe import LONGEST, anchor, embed_json, shorten, strong
from acuomics.report.study import describe_study
from tests.sites import FakeSite, Page, site_of, write_fake_site
from tests.unit.report.fake_results import CONTRASTS, SETTINGS, FakeStudy, write_fake_study
from tests.unit.report.fake_verdicts import write_fake_verdicts


def small(**options: object) -> FakeStudy:
    return FakeStudy(**{"n_features": 300, **options})


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> FakeSite:
    """Two studies with verdicts, and the curated set."""
    root = tmp_path_factory.mktemp("site")
    verdicts = write_fake_verdicts(root, ["demo_phn_mrna", "demo_b"])
    second = small(study="demo_b", assay="mirna", seed=2)
    return write_fake_site(root, small(), second, curated=True, **verdicts)


def test_pages_load_nothing_from_elsewhere_and_lead_nowhere_out(whole: FakeSite) -> None:
    for name, page in whole.pages.items():
        up = "../" * name.count("/")
        assert all(address.startswith(("data:", f"{up}assets/", f"{up}figures/")) for address in page.loads), name
        assert page.tags.count("h1") == 1, name
        assert not any(link.startswith(("http:", "https:", "//", "/", "file:")) for link in page.links), name
        missing = [address for address in page.loads if not address.startswith("data:")]
        assert all((whole.root / name).parent.joinpath(address).exists() for address in missing), name


def test_every_link_and_anchor_leads_somewhere_and_ids_are_unique(whole: FakeSite) -> None:
    pages = whole.pages
    for name, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), name
        for link in page.links:
            address, _, at = link.partition("#")
            target = (whole.root / name).parent.joinpath(address).resolve() if address else whole.root / name
            assert target.exists() or "figures/" in link or target.suffix == ".tsv", f"{name}: {link}"
            if at and target.suffix == ".html":
                assert at in pages[target.relative_to(whole.root.resolve()).as_posix()].ids, f"{name}: {link}"
        assert all(alt for alt in page.alts if alt is not None)


def test_headings_go_down_one_level_at_a_time(whole: FakeSite) -> None:
    for name, page in whole.pages.items():
        levels = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h[1-6]", tag)]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), name


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> FakeSite:
    root = tmp_path_factory.mktemp("harmless")
    return write_fake_site(root, small(), curated=True, **write_fake_verdicts(root, ["demo_phn_mrna"]))


MARKUP = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"><b>&amp;\u2028'


@pytest.mark.parametrize("name", [MARKUP, "x" * 10_000])
def test_names_from_data_are_escaped_and_cut(tmp_path: Path, harmless: FakeSite, name: str) -> None:
    record = {"title": f"SIMULATED: {name}", "caveats": [name], "source": name, "summary": name, "model": name}
    verdicts = write_fake_verdicts(tmp_path, ["demo_phn_mrna"], hostile=name)
    site = write_fake_site(tmp_path, small(hostile=name, record=record), curated=True, **verdicts)
    for address, page in site.pages.items():
        source, other = site.source(address), harmless.page(address)
        if "<" in name:
            assert "<script>alert" not in source and "<img src=x" not in source and "><b>" not in source
        for tag in ("script", "img", "b"):
            assert page.tags.count(tag) == other.tags.count(tag), f"{address}: {tag}"
    shown = name.partition("\u2028")[0]
    for address in ("studies/demo_phn_mrna.html", "index.html"):
        assert shown[:200] in site.page(address).text
    assert len(site.source("index.html")) < len(harmless.source("index.html")) + 10_000


def test_simulated_studies_say_so(tmp_path: Path) -> None:
    site = write_fake_site(tmp_path, small())
    assert "<title>SIMULATED:" in site.source()
    assert re.search(r"<h1>SIMULATED: .*<span class=\"badge\">SIMULATED</span></h1>", site.source())
    assert "Planted truth" in site.page().text
    real = write_fake_site(tmp_path / "real", small(simulated=False))
    assert "SIMULATED" not in real.page().text + real.page("index.html").text
    assert "Planted truth" not in real.page().text


def test_counts_stand_beside_chance(whole: FakeSite) -> None:
    text = whole.page().text
    for words in (
        "by chance", "false, expected", "Nominal overlap: p < 0.05 in both contrasts", "mean of 20 relabelings",
        "Share of opposite signs", "66.7 % have opposite signs", "p = 0.048, the floor of 20 draws",
        "relabelings keep part of the planted treatment effect", "the permutation p is conservative",
        "observed false discovery",
    ):  # fmt: skip
        assert words in text, words


def test_the_index_answers_every_study_and_leads_to_its_page(whole: FakeSite) -> None:
    page = whole.page("index.html")
    for study in whole.studies:
        assert f"studies/{study['study']}.html" in page.links
        assert study["answer"][0]["text"].split("**")[1] in page.text
    assert "There is no replication matrix" in page.text


def test_levels_show_the_words_of_the_source_with_our_translation(whole: FakeSite) -> None:
    text = whole.page("levels/spinal.html").text
    assert "内源性内啡肽" in text and "endogenous endorphin" in text and "(our translation)" in text
    brainstem = whole.page("levels/brainstem.html")
    assert "EAM-0001" in brainstem.ids and "EAA-A050" in brainstem.ids
    # The verdicts of both studies stand at the claim.
    claim = re.search(r'id="EAA-A001".*?</article>', whole.source("levels/network.html"), re.DOTALL)
    assert claim is not None


def test_no_reversal_pair_is_said_with_the_reason(tmp_path: Path) -> None:
    text = write_fake_site(tmp_path, small(pairs=False)).page().text
    assert "Reversal was not tested: no model and treatment contrast of this study share an arm" in text


def test_one_contrast_renders(tmp_path: Path) -> None:
    site = write_fake_site(tmp_path, small(pairs=False, contrasts=CONTRASTS[:1]))
    assert "the study's contrasts lack a contrast of the treatment with the model" in site.page().text
    assert site.source().count('data-rows="') == 3  # the contrast, mechanisms, samples


def test_no_significant_feature_renders(tmp_path: Path) -> None:
    text = write_fake_site(tmp_path, small(signal=False, seed=6)).page().text
    assert text.count("This does not say that nothing changed") == 3
    assert "no feature was called reversed" in text


def test_no_mechanism_found_is_said_with_the_reason(tmp_path: Path) -> None:
    text = write_fake_site(tmp_path, small(mechanisms=False)).page().text
    assert "No feature was annotated: none of the NCBI Gene identifiers of the 180 curated features occurs" in text


def test_a_run_without_studies_and_a_study_without_results_render(tmp_path: Path) -> None:
    assert "This run has no study." in site_of(tmp_path / "none", []).page("index.html").text
    bare = {"study": "bare", "title": "Bare", "counted": False}
    site = site_of(tmp_path / "bare", [bare])
    assert "No counts of this study were modelled." in site.page().text
    assert "no counts: –" in site.page("index.html").text
    assert "This table is missing" in site.page("catalogue.html").text


def test_missing_files_are_named_and_the_build_does_not_fail(tmp_path: Path) -> None:
    fake = small()
    write_fake_site(tmp_path, fake)
    (tmp_path / "results" / fake.study / "report" / "figures" / "pca_0.svg").unlink()
    described = json.loads((tmp_path / "results" / fake.study / "report" / "study.json").read_text())
    site = site_of(tmp_path, [described])
    text = site.page().text
    assert "The figure pca_0 is missing" in text
    assert "Verdicts of the curated claims are not shown" in text
    assert "Tests of curated sets are not shown" in text
    assert "No published claim of this study was written down" in text


def test_no_permutations_and_missing_numbers_render(tmp_path: Path) -> None:
    from acuomics.report.read import read_study

    results = read_study(write_fake_study(tmp_path, small()))
    (reversal,) = results.reversals.values()
    reversal.summary.update(permutations={}, null_correlation=None, observed_correlation=None, opposite_sign_share=None)
    results.summary["median_detectable_log2fc"] = float("nan")
    text = site_of(tmp_path, [describe_study(results, [], SETTINGS)]).page().text
    assert "No labels were permuted" in text
    assert "−0.5" not in text
    assert "nan" not in text.lower().split()


def test_calls_of_the_permutation_fit_are_told_where_they_differ(tmp_path: Path) -> None:
    from acuomics.report.read import read_study

    results = read_study(write_fake_study(tmp_path, small()))
    (reversal,) = results.reversals.values()
    for observed, told in ((None, False), (reversal.summary["reversed"], False), (999, True)):
        reversal.summary["permutations"]["observed"] = observed
        text = site_of(tmp_path, [describe_study(results, [], SETTINGS)]).page().text
        assert (f"The fit of the relabelings calls {observed} under the true labels" in text) == told
        assert ("The fit of the relabelings" in text) == told


def test_answer_is_a_list_with_the_reversal_first(whole: FakeSite) -> None:
    answer = re.search(r'<div class="answer".*?</div>', whole.source(), re.DOTALL).group()
    assert answer.count("<li>") == 6
    assert "Reversal" in re.search(r"<li>(.*?)</li>", answer, re.DOTALL).group(1)


def test_long_tables_say_what_is_left_out_and_where_it_is(tmp_path: Path) -> None:
    site = write_fake_site(tmp_path, small(n_features=2600))
    assert re.search(r"Here are 2,0\d\d of 2,600 rows", site.page().text)
    assert "../../demo_phn_mrna/de/tables/rtx_vs_control.tsv" in site.page().links
    assert "../tables/demo_phn_mrna/de/tables/rtx_vs_control.xlsx" in site.page().links


def test_derived_studies_stand_under_their_parent(tmp_path: Path) -> None:
    child = small(study="demo_child", record={"parent": "demo_phn_mrna"}, seed=4)
    site = write_fake_site(tmp_path, small(study="demo_other", seed=3), small(), child)
    overview = re.search(r'<table class="plain overview.*?</table>', site.source("index.html"), re.DOTALL).group()
    order = re.findall(r'<a href="studies/(\w+)\.html">', overview)
    assert order == ["demo_other", "demo_phn_mrna", "demo_child"]
    assert 'class="child"' in overview
    assert "demo_child.html" in site.page("studies/demo_phn_mrna.html").links
    assert "demo_phn_mrna.html" in site.page("studies/demo_child.html").links


def test_written_pages_are_the_same_each_time_without_machine_paths(tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        site = write_fake_site(tmp_path / name, small(n=3), curated=True)
        files = sorted(path for path in site.root.rglob("*") if path.is_file())
        written.append({path.relative_to(site.root).as_posix(): path.read_bytes() for path in files})
    assert written[0] == written[1]
    assert {name.rpartition(".")[2] for name in written[0]} >= {"html", "js", "css", "svg", "xlsx", "txt"}
    for content in written[0].values():
        assert str(tmp_path).encode() not in content
        assert str(Path(__file__).parents[3]).encode() not in content


def test_embedded_json_cannot_end_its_script() -> None:
    text = str(embed_json({"a": "</script><!--&\u2028"}))
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": "</script><!--&\u2028"}


def test_strong_escapes_first() -> None:
    assert strong("**1 of 2** <b>") == "<strong>1 of 2</strong> &lt;b&gt;"


def test_names_make_safe_and_distinct_anchors_and_files() -> None:
    assert anchor("../../etc/passwd") == "-etc-passwd"
    long = [anchor("x" * 10_000), anchor("x" * 9_999)]
    assert long[0] != long[1]
    assert max(map(len, long)) <= LONGEST
    assert shorten("a" * 500, 400).endswith("… [100 more letters]")


def test_pages_carry_the_language_of_their_words(whole: FakeSite) -> None:
    for name in whole.pages:
        assert '<html lang="en">' in whole.source(name)
    assert LANGUAGES == ("en", "zh")
    assert Page(whole.source("index.html")).tags.count("button") >= 2
