"""Toxicity grades and range indicators of laboratory values."""
