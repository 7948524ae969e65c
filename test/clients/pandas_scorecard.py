"""A notebook's way to a scorecard: gql for the transport, pandas for the frame."""
import math
import sys

import pandas as pd
from gql import Client, gql
from gql.transport.requests import RequestsHTTPTransport

client = Client(transport=RequestsHTTPTransport(url=sys.argv[1]), fetch_schema_from_transport=True)

table = client.execute(
    gql(
        """
        query Results($experiments: [String!]!) {
          experimentResults(experiments: $experiments) {
            columns { name type }
            rows
            totalCount
          }
        }
        """
    ),
    variable_values={"experiments": ["checkout_button", "welcome_tour"]},
)["experimentResults"]
frame = pd.DataFrame(table["rows"], columns=[column["name"] for column in table["columns"]])
assert len(frame) == table["totalCount"] > 0
goals = frame[(frame.experiment == "checkout_button") & (frame.role == "GOAL")]
assert (goals.outcome == "BETTER").all(), goals
assert ((frame.treatment_mean - frame.control_mean - frame.difference).abs().fillna(0) < 1e-9).all()
assert not frame.select_dtypes("number").apply(lambda s: s.map(math.isinf)).any().any()
assert set(frame[frame.experiment == "welcome_tour"].treatment) == {"short", "video", "checklist"}

records = client.execute(gql("{ experimentSummaries { records } }"))["experimentSummaries"]["records"]
verdicts = pd.DataFrame(records).set_index(["experiment", "treatment"]).verdict
assert verdicts[("checkout_button", "treatment")] == "SHIP"
assert verdicts[("free_shipping_banner", "treatment")] == "ROLL_BACK"
assert verdicts[("login_redesign", "treatment")] == "INVALID"
print(f"{len(frame)} results and {len(verdicts)} verdicts in data frames")
