"""Trial design datasets: TA, TE, TI, TS, TV."""
