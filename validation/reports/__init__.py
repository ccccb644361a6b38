"""Reports of a run: findings, queries, accounts, data cut-off, workbook."""
