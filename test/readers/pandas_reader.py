"""What pandas reads of a model through SQLAlchemy's Trino dialect, as JSON: pandas_reader.py URL SCHEMA TABLE EXPERIMENT."""
import json
import sys

import pandas as pd
import sqlalchemy

from frame import told

url, schema, table, experiment = sys.argv[1:]
engine = sqlalchemy.create_engine(url)
inspector = sqlalchemy.inspect(engine)
frame = pd.read_sql(sqlalchemy.text(f'select * from "{schema}"."{table}"'), engine)
higher = pd.read_sql(
    sqlalchemy.text(f'select metric, treatment, lift from "{schema}"."{table}" where experiment = :experiment and lift > 0'),
    engine,
    params={"experiment": experiment},
)

json.dump(
    {
        "tables": inspector.get_table_names(schema=schema),
        "views": inspector.get_view_names(schema=schema),
        "comment": inspector.get_table_comment(table, schema=schema)["text"],
        "columns": {
            column["name"]: column["type"].compile(engine.dialect) for column in inspector.get_columns(table, schema=schema)
        },
        **told(frame),
        "higher": higher.to_dict(orient="records"),
    },
    sys.stdout,
    allow_nan=False,
)
