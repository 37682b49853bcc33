"""Files to domain values and back: YAML with line and column, the compiled form, the schemas that editors read."""
