"""`make figure`: a page with a figure, and the tests that hold its mathematics."""

import figure


def test_a_figure_has_its_page_and_its_mathematics_hold(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(figure, "BUILD", tmp_path)
    assert figure.main(["leakage"]) == 0
    text = (tmp_path / "figure-leakage.html").read_text(encoding="utf-8")
    assert text.count('data-figure="leakage"') == figure.N_LOOKS
    told = capfd.readouterr().out
    assert str(tmp_path / "figure-leakage.html") in told
    assert "# skipped 0" in told or "skipped 0" in told
