"""Tables: the files of a window, read one column at a time, from S3 or a folder alike."""
