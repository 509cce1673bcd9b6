"""What leaves the store: files, trackers, one HTML page."""
