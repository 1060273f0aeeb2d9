"""Names by table, in the languages whose imports this tool does not resolve."""
