"""Files that staff hand in: guarded, read, checked against the books, shown, then booked once.

An app describes what it takes in a `Layout` and names it with `register` when it is ready; the
same description makes the template, the export and the page of the documentation.
"""
