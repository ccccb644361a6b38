"""Writers of the raw formats of a synthetic export."""
