"""The colours that a page has its own of, in light and dark."""

from tuner.plots import picture

COLORS = {
    "#000000": "ink",
    picture.BLACK: "ink",
    "#ffffff": "page",
    "#dddddd": "grid",
    picture.BLUE: "blue",
    picture.NAVY: "navy",
    picture.SKY: "sky",
    picture.PALE: "pale",
    picture.GREY: "grey",
    picture.LIGHT: "light",
}
"""Those of pictures, by their names in the style of the page."""
