"""IMWG response: evaluations, components, confirmation of progression, response of each visit."""
