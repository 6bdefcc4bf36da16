"""What runs a dependency graph: by hand in three styles, Tenure, and its peers."""
