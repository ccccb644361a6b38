"""Analysis dates: imputation of partial dates, its flags, the first of several dates."""
