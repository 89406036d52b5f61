"""Files of answers as public kits write them: one file a format, table.py lists and recognises them."""
