"""Many tenants on many machines: tickets, workers and history on NATS JetStream."""
