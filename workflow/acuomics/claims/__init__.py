"""Stage `claims`: does the data bear out what the paper said?"""
