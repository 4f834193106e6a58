"""The lab folder: records, raw files, audit."""
