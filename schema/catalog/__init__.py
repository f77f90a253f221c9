"""The catalogue: products, variants, media, categories, brands, collections, reviews."""
