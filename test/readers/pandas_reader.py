"""What pandas reads of a model through SQLAlchemy's Trino dialect, as JSON: pandas_reader.py URL SCHEMA TABLE EXPERIMENT."""
import json
import sys

import pandas as pd
import sqlalchemy

url, schema, table, experiment = sys.argv[1:]
engine = sqlalchemy.create_engine(url)
inspector = sqlalchemy.inspect(engine)
frame = pd.read_sql(sqlalchemy.text(f'select * from "{schema}"."{table}"'), engine)
higher = pd.read_sql(
    sqlalchemy.text(f'select metric, treatment, lift from "{schema}"."{table}" where experiment = :experiment and lift > 0'),
    engine,
    params={"experiment": experiment},
)


def cell(value):
    """A cell for JSON; what pandas holds to be missing is null."""
    if pd.isna(value):
        return None
    return value.isoformat() if isinstance(value, pd.Timestamp) else value


json.dump(
    {
        "tables": inspector.get_table_names(schema=schema),
        "views": inspector.get_view_names(schema=schema),
        "comment": inspector.get_table_comment(table, schema=schema)["text"],
        "columns": {
            column["name"]: column["type"].compile(engine.dialect) for column in inspector.get_columns(table, schema=schema)
        },
        "kinds": {name: str(dtype) for name, dtype in frame.dtypes.items()},
        "missing": {name: repr(values.tolist()[0]) for name in frame if len(values := frame[name][frame[name].isna()])},
        "rows": [
            {name: cell(value) for name, value in row.items()} for row in frame.astype(object).to_dict(orient="records")
        ],
        "higher": higher.to_dict(orient="records"),
    },
    sys.stdout,
    allow_nan=False,
)
