"""Facts of SDTMIG, ADaMIG and CDISC controlled terminology."""
