"""Pages of reports, parsed."""

from html.parser import HTMLParser

import _made_studies

from tuner.comparison.answer import answer_in
from tuner.export.report import page
from tuner.export.report.pictures import draw
from tuner.study.reading import read

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Parsed(HTMLParser):
    """A page as (tag, attributes), and its text without style and script."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.pieces = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.pieces.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.pieces).split())

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]

    def values(self, attribute):
        return [attrs[attribute] for _, attrs in self.elements if attribute in attrs]


def trials(n=40, **given):
    return [_made_studies.trial(number, **given) for number in range(n)]


def html(study):
    results = read(study)
    return page.render(results, *draw(results), answer=answer_in(study, study._storage))
