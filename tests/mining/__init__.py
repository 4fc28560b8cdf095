"""The event log in the hands of a tool for process mining. Needs the extra `mining`."""
