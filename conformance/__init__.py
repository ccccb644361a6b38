"""Conformance of a package of datasets with SDTMIG, ADaMIG and Define-XML: rules as YAML, their kinds, their engine."""
