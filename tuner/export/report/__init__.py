"""A study as one HTML file: what was found -> tables and pictures -> a page."""
