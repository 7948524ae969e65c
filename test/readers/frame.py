"""What pandas makes of a table's cells."""
import pandas as pd


def cell(value):
    """A cell for JSON; what pandas holds to be missing is null."""
    if pd.isna(value):
        return None
    return value.isoformat() if isinstance(value, pd.Timestamp) else value


def told(frame):
    """Rows of a frame, the types of its columns, and how each writes what is missing."""
    return {
        "kinds": {name: str(dtype) for name, dtype in frame.dtypes.items()},
        "missing": {name: repr(values.tolist()[0]) for name in frame if len(values := frame[name][frame[name].isna()])},
        "rows": [
            {name: cell(value) for name, value in row.items()} for row in frame.astype(object).to_dict(orient="records")
        ],
    }
