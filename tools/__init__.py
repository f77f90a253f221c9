"""Run by hand: demo data, seed data, imports, the SDL."""
