"""Files of SAS, SPSS and Stata."""
