"""The page of results: one HTML file that opens from disk and asks nobody for anything."""
