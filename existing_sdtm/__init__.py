"""ADaM from existing SDTM."""
