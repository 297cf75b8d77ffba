"""Files that staff hand in: guarded, read, checked against the books, shown, then booked once."""
