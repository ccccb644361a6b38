"""raw2adam: raw registry exports to submission-ready SDTM, ADaM, XPT and define.xml, with every row accounted for."""

__version__ = "0.1.0"
