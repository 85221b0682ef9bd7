"""IR -> Python: which stores write in place, and the text."""
