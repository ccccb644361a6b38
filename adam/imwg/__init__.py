"""IMWG response: evaluations, components, lesions, progression, and the category of each evaluation."""
