"""SOP documents to BPMN 2.0 and back: pure values and functions, no database, no HTTP, no SpiffWorkflow."""
