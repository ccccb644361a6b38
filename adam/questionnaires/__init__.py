"""Scores of questionnaires: forms, scales, expected visits."""
