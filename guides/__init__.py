"""Drafts of the reviewer's guides, from the files of a run and the texts of study.yaml."""
