"""Steps that derive records from records: parameters of other parameters, summaries, copies, records of intervals."""
