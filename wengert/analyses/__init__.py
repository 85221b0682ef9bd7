"""Facts about programs, returned as dicts and sets; nothing here changes a program."""
