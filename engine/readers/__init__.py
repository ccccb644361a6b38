"""How the texts of raw cells are read: number formats, date formats, terms, by column and group."""
