"""Request + Snapshot -> Plan."""
