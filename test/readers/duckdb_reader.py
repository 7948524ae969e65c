"""What pandas reads of a model in the file that liftql builds, as JSON: duckdb_reader.py FILE SCHEMA TABLE."""
import json
import sys

import duckdb

from frame import told

file, schema, table = sys.argv[1:]
with duckdb.connect(file, read_only=True) as models:
    frame = models.sql(f'select * from "{schema}"."{table}"').df()
json.dump(told(frame), sys.stdout, allow_nan=False)
