"""What can be known of a study before it is built: the texts that its columns can hold, held against its specs."""
