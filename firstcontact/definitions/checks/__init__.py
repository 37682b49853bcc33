"""What `checklist check` looks at beyond what makes a checklist unusable: one file per kind of question asked of it."""
