"""The pictures of a report have words, and ids of their own."""

import _made_studies
import pytest
from _pages import Parsed, html, trials

from tuner.export.report import page
from tuner.export.report.pictures import draw
from tuner.study.reading import read


@pytest.fixture(scope="module")
def searched():
    return html(_made_studies.study(*trials()))


def test_no_two_elements_share_an_id_though_the_pictures_of_matplotlib_do(searched):
    ids = Parsed(searched).values("id")
    assert len(ids) == len(set(ids)) > 100
    bare = [name.partition("-")[2] for name in ids]
    assert len(bare) > len(set(bare))


def test_every_picture_has_its_words_and_what_lacks_data_is_said_in_a_line():
    results = read(_made_studies.study(*trials(12)))
    pictures, left_out = draw(results)
    text = Parsed(page.render(results, pictures, left_out)).text
    assert pictures
    assert all(picture.text in text for picture in pictures)
    assert left_out
    assert all(f"Left out: {line}" in text for line in left_out)
