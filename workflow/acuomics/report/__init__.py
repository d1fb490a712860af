"""Stage `report`: can a person see it?"""
