"""May a message be sent now, and if not, from when? Pure: facts come in."""
