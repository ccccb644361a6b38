"""SDTM: its derivations, planning of its datasets, supplemental qualifiers, relations and trial design."""
