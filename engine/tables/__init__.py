"""Tables that rules read: raw slices, datasets, records, and the raw cells behind them."""
