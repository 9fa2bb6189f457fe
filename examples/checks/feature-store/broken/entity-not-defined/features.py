from datetime import timedelta

from feast import Entity, FeatureView, Field
from feast.types import Int64, String

customer = Entity(name="customer", join_keys=["customer_id"])
ticket = Entity(name="ticket", join_keys=["ticket_id"])

customer_profile = FeatureView(
    name="customer_profile",
    entities=[customer],
    ttl=timedelta(days=7),
    schema=[
        Field(name="plan", dtype=String),
        Field(name="open_tickets", dtype=Int64),
    ],
)

ticket_history = FeatureView(
    name="ticket_history",
    entities=[tickets, customer],
    ttl=timedelta(hours=12),
    schema=[
        Field(name="reopened", dtype=Int64),
    ],
)
