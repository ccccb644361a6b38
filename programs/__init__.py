"""The rules of ADaM as a listing for programmers: methods in words, with R and SAS where a rule has an equal there."""
