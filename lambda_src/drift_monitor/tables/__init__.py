"""Reading tables: the files of a window, one column at a time, from S3 or a folder alike."""
