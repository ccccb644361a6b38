"""ADaM from SDTM that was made elsewhere."""
