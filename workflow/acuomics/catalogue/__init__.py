"""Stage `catalogue`: what is known of a study before its data are opened."""
