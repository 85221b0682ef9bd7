"""The language between the stages: single-assignment Wengert statements, with no `ast` and no derivatives in it."""
