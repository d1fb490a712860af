"""Stage `intake`: may these numbers be tested, and how?"""
