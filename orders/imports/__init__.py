"""Order files of other systems, read without a database: file, mapping, and what each row is."""
