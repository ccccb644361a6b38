"""The accounts of rows and cells. They reconcile, or the run fails."""
